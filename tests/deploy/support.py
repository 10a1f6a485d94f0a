"""What the tests of deploy/ share: pgseal as the judge of settings, doc/iam.md as the judge of policies."""

import json
import os
import re
import shutil
import string
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROGRAM = Path(os.environ["PGSEAL_PROGRAM"]).resolve()

REGION = "eu-west-1"
ACCOUNT = "123456789012"
DB_RESOURCE = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
SIGNING_KEY_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:pgseal-signing-key-AbCdEf"


def run(*command, environment=None, **options):
    """Runs a command in no environment but this one and PATH."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | (environment or {})
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False,
                          timeout=60, **options)


def need(program, package):
    """Skips a test whose program is missing, but not where nothing may be missing."""
    if shutil.which(program):
        return
    if os.environ.get("CI") == "true":
        raise AssertionError(f"{program} is missing: apt-get install {package}")
    raise unittest.SkipTest(f"{program} is missing: apt-get install {package}")


def fill(text, **variables):
    """Puts values into ${...}, as envsubst does; an unknown one is an error."""
    return string.Template(text).substitute(variables)


def documented_policy(name, **variables):
    """A policy of doc/iam.md, its statements by Sid."""
    page = (ROOT / "doc/iam.md").read_text(encoding="utf-8")
    text = page.partition(f"<!-- test:{name} -->\n```json\n")[2].partition("```")[0]
    variables = {"PARTITION": "aws", "REGION": REGION, "ACCOUNT": ACCOUNT} | variables
    return by_sid(json.loads(fill(text, **variables)))


def by_sid(policy):
    """The statements of a policy by their Sid, actions and resources as sorted lists."""
    statements = {}
    for statement in policy["Statement"]:
        for key in {"Action", "NotAction", "Resource", "NotResource"} & statement.keys():
            value = statement[key]
            statement[key] = sorted(value if isinstance(value, list) else [value])
        statements[statement["Sid"]] = statement
    return statements


def documented_variables():
    """The variables in the tables of doc/configuration.md."""
    page = (ROOT / "doc/configuration.md").read_text(encoding="utf-8")
    cells = [line.split("|")[4] for line in page.splitlines() if line.count("|") > 6]
    return set(re.findall(r"`([A-Za-z0-9_]+)`", " ".join(cells)))


class DeployCase(unittest.TestCase):
    """With a key pair, and certificates in place of Amazon's."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = Path(directory.name)
        cls.pgseal("keygen", "--signing", "-o", cls.directory / "signing.key")
        cls.pgseal("keygen", "-o", cls.directory / "identity.txt")
        for command in (["genrsa", "-out", "private_key.pem", "2048"],
                        ["rsa", "-in", "private_key.pem", "-pubout", "-out", "public_key.pem"]):
            run("openssl", *command, cwd=cls.directory).check_returncode()
        cls.signing_key, cls.signer, cls.identity, cls.public_key = (
            (cls.directory / name).read_text(encoding="utf-8")
            for name in ("signing.key", "signing.key.pub", "identity.txt", "public_key.pem"))

    @classmethod
    def pgseal(cls, *arguments):
        run(PROGRAM, *arguments).check_returncode()

    def settings_of(self, command, environment):
        """What `pgseal backup ...` would do in this environment; fails where it would refuse."""
        self.assertEqual(command[:2], ["pgseal", "backup"])
        self.assertEqual(environment.keys() - documented_variables(), set())
        certificates = {"PGSSLROOTCERT": str(self.directory / "public_key.pem")}
        result = run(PROGRAM, "config", "--json", *command[2:],
                     environment=certificates | environment)
        self.assertEqual((result.returncode, result.stderr), (0, ""), command)
        return {key: setting["value"] for key, setting in json.loads(result.stdout).items()}
