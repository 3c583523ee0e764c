export { resumeRoom, type ResumeRoomDeps, type ResumeRoomInput, type ResumeStep } from "./resume-room";
export { resumeRooms, type ResumeRoomsDeps, type RoomPage } from "./resume-rooms";
