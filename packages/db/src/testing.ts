export { makeGroup, makePerson, must, newChange, newMessage } from "./testing/factories";
export { testDatabase, type TestDatabase } from "./testing/test-database";
