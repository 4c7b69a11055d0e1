// Of what Cloud Storage tells of the memes bucket, only reports pass, as what they mean: whose report it is, of which of
// the upload's generations, and how it ended. No picture's address, caption or checksum goes with it.
function completed(message, metadata) {
  const stored = JSON.parse(message.data);
  const own = stored.metadata || {};
  if (!stored.name.endsWith(".json") || !own["status"]) {
    return null;
  }
  message.data = JSON.stringify({
    name: stored.name.slice(0, -".json".length),
    generation: own["source-generation"],
    status: own["status"],
  });
  message.attributes = { eventTime: message.attributes["eventTime"], status: own["status"] };
  return message;
}
