"""AWS calls written on the wire by hand: nothing is validated before it is sent, and members that AWS does not know
are sent like any other. Names and places come from the services' models (botocore's data)."""
import datetime
import http.client
import json
import time
import urllib.parse
import uuid

import botocore.session
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from local_cloud import HOME, REQUEST_SECS, US_EAST_1

GLOBAL = {"cloudfront"}
THROTTLED = {"TooManyRequestsException", "Throttling", "ThrottlingException"}
ATTEMPTS = 20


class Answer:
    """What came back: status, error code (None when it was accepted), body."""

    def __init__(self, response, body):
        self.status = response.status
        self.body = body.decode()
        self.code = None if self.status < 300 else self._code(response)

    def _code(self, response):
        kind = response.getheader("x-amzn-ErrorType")
        if kind:
            return kind.split(":")[0]
        if "<Code>" in self.body:
            return self.body.split("<Code>")[1].split("</Code>")[0]
        return json.loads(self.body)["__type"].split("#")[-1]

    def json(self):
        return json.loads(self.body)


class RawWire:
    """Speaks to one local cloud."""

    def __init__(self, aws):
        self.host = urllib.parse.urlsplit(aws).netloc
        self._models = {}
        self._loader = botocore.session.get_session()

    def call(self, service, operation, **members):
        """Sends one request; throttled ones again, as every client must."""
        for _ in range(ATTEMPTS):
            answer = self._send(service, operation, members)
            if answer.code not in THROTTLED:
                break
            time.sleep(0.2)
        return answer

    def read(self, service, operation, answer):
        """An accepted answer with the model's names."""
        model = self._model(service)
        response = {"status_code": answer.status, "headers": {}, "body": answer.body.encode()}
        parser = create_parser(model.metadata["protocol"])
        return parser.parse(response, model.operation_model(operation).output_shape)

    def _model(self, service):
        if service not in self._models:
            self._models[service] = self._loader.get_service_model(service)
        return self._models[service]

    def _send(self, service, operation, members):
        model = self._model(service)
        asked = self._serialized(model, model.operation_model(operation), members)
        url = asked["url_path"]
        if asked["query_string"]:
            url += ("&" if "?" in url else "?") + urllib.parse.urlencode(asked["query_string"])
        headers = {**asked["headers"], "Authorization": self._authorization(model), "Host": self.host}
        connection = http.client.HTTPConnection(self.host, timeout=REQUEST_SECS)
        try:
            connection.request(asked["method"], url, asked["body"], headers)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def _serialized(self, model, operation, members):
        shape = operation.input_shape
        if model.metadata["protocol"] == "rest-json" and operation.http["method"] == "POST":
            # botocore would drop or refuse what is not in its model.
            body = json.dumps(wire_names(members, shape))
            headers = {"Content-Type": "application/json"}
            path = operation.http["requestUri"].split("?")[0]
            return {"method": "POST", "url_path": path, "query_string": {}, "headers": headers, "body": body}
        serializer = create_serializer(model.metadata["protocol"], include_validation=False)
        return serializer.serialize_to_request(members, operation)

    @staticmethod
    def _authorization(model):
        region = US_EAST_1 if model.service_name in GLOBAL else HOME
        day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")
        scope = f"AKIARAWWIRE/{day}/{region}/{model.signing_name}/aws4_request"
        return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={uuid.uuid4().hex * 2}"


def wire_names(value, shape):
    """`value` with the names that the model gives its members on the wire; unknown ones are written in the same way."""
    kind = shape.type_name if shape is not None else None
    if kind == "list":
        return [wire_names(item, shape.member) for item in value]
    if isinstance(value, list):
        return [wire_names(item, None) for item in value]
    if isinstance(value, dict) and kind != "map":
        known = shape.members if kind == "structure" else {}
        return {on_wire(name, known.get(name)): wire_names(each, known.get(name)) for name, each in value.items()}
    return value


def on_wire(name, shape):
    fallback = name[:1].lower() + name[1:]
    return shape.serialization.get("name", fallback) if shape is not None else fallback
