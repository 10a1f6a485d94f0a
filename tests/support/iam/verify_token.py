#!/usr/bin/python3
"""Judges an RDS IAM token as RDS does, with botocore's own signature code.

    verify_token.py RULES LOG      the token on standard input, the database user in PAM_USER

RULES is a JSON file: host ("name:port"), region, life (seconds), and keys, a map from access key id
to secret and, for temporary credentials, token. LOG gets a line "accepted USER SHA256-OF-TOKEN" or
"refused USER REASON". Exit code 0 lets the user in, once the second in which the token was signed is
over: a token made for the next connection is another one then, as tokens tell whole seconds.
"""

import datetime
import hashlib
import hmac
import json
import os
import sys
import time
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LONGEST_LIFE = 900
CLOCK_SKEW = datetime.timedelta(minutes=5)


def signature(url, query, rules, key_id):
    """The signature that the token should have: over all of its query but the signature itself."""
    unsigned = "&".join(p for p in url.query.split("&") if not p.startswith("X-Amz-Signature="))
    signer = SigV4QueryAuth(
        Credentials(key_id, rules["keys"][key_id]["secret"]), "rds-db", rules["region"])
    request = AWSRequest("GET", f"https://{url.netloc}/?{unsigned}")
    request.context["timestamp"] = query["X-Amz-Date"]
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


def is_fresh(query, rules):
    signed_at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    now = datetime.datetime.utcnow()
    expires = int(query["X-Amz-Expires"])
    if not 0 < expires <= LONGEST_LIFE:
        return False
    life = datetime.timedelta(seconds=min(expires, rules["life"]))
    return signed_at - CLOCK_SKEW <= now < signed_at + life


def objection(token, user, rules):
    """Why the token is refused; None where it is right."""
    url = urlsplit("https://" + token)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    if f"{url.hostname}:{url.port}" != rules["host"]:
        return "wrong host"
    if url.path != "/" or query.get("Action") != "connect" or query.get("DBUser") != user:
        return "wrong user or action"
    if query.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        return "wrong algorithm"
    if query.get("X-Amz-SignedHeaders") != "host":
        return "wrong signed headers"
    key_id, day, region, service, term = query["X-Amz-Credential"].split("/")
    if (region, service, term) != (rules["region"], "rds-db", "aws4_request"):
        return "wrong scope"
    if key_id not in rules["keys"]:
        return "unknown key"
    if query.get("X-Amz-Security-Token") != rules["keys"][key_id].get("token"):
        return "wrong session token"
    if day != query["X-Amz-Date"][:8] or not is_fresh(query, rules):
        return "expired"
    if not hmac.compare_digest(signature(url, query, rules, key_id), query["X-Amz-Signature"]):
        return "wrong signature"
    return None


def outlast_second_of(token):
    query = dict(parse_qsl(token.partition("?")[2]))
    signed_at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    left = signed_at + datetime.timedelta(seconds=1) - datetime.datetime.utcnow()
    time.sleep(max(0, left.total_seconds()))


def main():
    rules_path, log_path = sys.argv[1:]
    user = os.environ["PAM_USER"]
    token = sys.stdin.buffer.read()
    try:
        with open(rules_path, encoding="utf-8") as file:
            reason = objection(token.decode(), user, json.load(file))
    except (ValueError, KeyError) as error:
        reason = f"malformed: {type(error).__name__}"
    verdict = f"refused {user} {reason}" if reason else (
        f"accepted {user} {hashlib.sha256(token).hexdigest()}")
    with open(log_path, "a", encoding="utf-8") as log:
        log.write(verdict + "\n")
    if not reason:
        outlast_second_of(token.decode())
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
