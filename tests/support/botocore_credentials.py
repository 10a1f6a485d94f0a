#!/usr/bin/python3
"""Prints the credentials that botocore finds, one line for each case: "ID SECRET TOKEN", or
"refused".

The argument is a JSON object of {"sts": URL, "cases": [{"NAME": "VALUE", ...}, ...]}, each case the
environment of a program. STS is asked at that URL.
"""

import json
import logging
import os
import sys

import botocore.session

logging.disable(logging.CRITICAL)
asked = json.loads(sys.argv[1])
create_client = botocore.session.Session.create_client


def create_client_of_ours(self, service_name, *args, **kwargs):
    # Debian 12's botocore knows no AWS_ENDPOINT_URL_STS.
    if service_name == "sts":
        kwargs["endpoint_url"] = asked["sts"]
    return create_client(self, service_name, *args, **kwargs)


botocore.session.Session.create_client = create_client_of_ours


def find(environment):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)
    try:
        found = botocore.session.Session().get_credentials()
        if found is None:
            return "refused"
        keys = found.get_frozen_credentials()
        return f"{keys.access_key} {keys.secret_key} {keys.token or '-'}"
    except Exception:  # whatever it is: it refuses
        return "refused"


for case in asked["cases"]:
    print(find(case))
