#!/usr/bin/python3
"""Prints where botocore would send requests, one line for each: its URL, or "refused: WHY".

The argument is a JSON array of {"service", "operation", "parameters", "region", "config"}, the last
as botocore.config.Config takes it, and perhaps "endpoint". Nothing is sent.
"""

import json
import os
import sys

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

# As newer versions of botocore have them without being told.
os.environ["AWS_STS_REGIONAL_ENDPOINTS"] = "regional"
os.environ["AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"] = "regional"


class Sent(Exception):
    """Thrown in the place of sending."""


def stop(request, **_):
    raise Sent(request.url)


def url(session, case):
    try:
        client = session.create_client(
            case["service"],
            region_name=case["region"],
            endpoint_url=case.get("endpoint"),
            aws_access_key_id="id",
            aws_secret_access_key="secret",
            config=Config(**case["config"]),
        )
        client.meta.events.register("before-send", stop)
        client._make_api_call(case["operation"], case["parameters"])
    except Sent as sent:
        return str(sent)
    except BotoCoreError as error:
        return f"refused: {error}".replace("\n", " ")


common_session = botocore.session.Session()
for asked in json.loads(sys.argv[1]):
    print(url(common_session, asked))
