"""The same read in Python with boto3, under a runtime loop as small as it can be."""
import http.client
import json
import os

import boto3

CLIENT = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
TABLE = os.environ["HEADEND_TABLE"]
API = "/2018-06-01/runtime/invocation"


def handler(event):
    values = {":pk": {"S": f"P#default#{event['pathParameters']['id']}"}, ":end": {"S": "2"}}
    found = CLIENT.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk AND sk < :end", ExpressionAttributeValues=values
    )
    return {"statusCode": 200, "body": str(found["Count"])}


def main():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        runtime.request("GET", f"{API}/next")
        given = runtime.getresponse()
        event = json.loads(given.read())
        request = given.headers["lambda-runtime-aws-request-id"]
        runtime.request("POST", f"{API}/{request}/response", json.dumps(handler(event)))
        runtime.getresponse().read()


main()
