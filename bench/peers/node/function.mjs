// The same read in JavaScript with the SDK's third version, under a runtime loop as small as it can be.

import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import http from "node:http";

const client = new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const api = "/2018-06-01/runtime/invocation";

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path, agent }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ headers: answer.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function handler(event) {
  const values = { ":pk": { S: `P#default#${event.pathParameters.id}` }, ":end": { S: "2" } };
  const found = await client.send(
    new QueryCommand({
      TableName: process.env.HEADEND_TABLE,
      KeyConditionExpression: "pk = :pk AND sk < :end",
      ExpressionAttributeValues: values,
    }),
  );
  return { statusCode: 200, body: String(found.Count) };
}

for (;;) {
  const { headers, text } = await ask("GET", `${api}/next`);
  const answer = JSON.stringify(await handler(JSON.parse(text)));
  await ask("POST", `${api}/${headers["lambda-runtime-aws-request-id"]}/response`, answer);
}
