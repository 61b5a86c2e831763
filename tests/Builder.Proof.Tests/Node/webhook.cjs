// Verifies a webhook with the reference library of Standard Webhooks; prints the type of its event.
const { Webhook, WebhookVerificationError } = require("standardwebhooks");
const [secret, id, timestamp, signature, body] = process.argv.slice(2);
try {
  const event = new Webhook(secret).verify(body, {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature,
  });
  console.log(event.type);
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  console.log("refused");
  process.exitCode = 1;
}
