// Run by MongoDB's image when its data is made: the user of the processes, who may read and write their database alone.
db.getSiblingDB("ashchat").createUser({
  user: "ashchat",
  pwd: process.env.MONGODB_PASSWORD,
  roles: [{ role: "readWrite", db: "ashchat" }],
});
