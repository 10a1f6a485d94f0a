"""deploy/terraform: its examples, rendered by terraform. AWS's provider is not needed for that: what uses
it is left out, but for its form and its names."""

import json
import re
import shutil
import unittest

import support

MODULE = support.DEPLOY / "terraform"
KMS_KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
KMS_KEY_ARN = f"arn:aws:kms:{support.REGION}:{support.ACCOUNT}:key/{KMS_KEY}"
SECRETS = {"signing_key": support.SIGNING_KEY_SECRET,
           "drill_identity": support.SIGNING_KEY_SECRET.replace("signing-key", "identity"),
           "crm_password": f"arn:aws:ssm:{support.REGION}:{support.ACCOUNT}:parameter/crm"}
WITHOUT_PROVIDER = ("variables.tf", "main.tf")
ACCOUNT = f"""
locals {{
  partition = "aws"
  region    = "{support.REGION}"
  account   = "{support.ACCOUNT}"
}}
output "documents" {{ value = module.documents }}
output "tasks" {{ value = local.tasks }}
"""


def blocks(kind):
    """Names of the module's blocks: `resource` as TYPE.NAME."""
    return {".".join(re.findall(r'"([^"]+)"', line))
            for path in MODULE.glob("*.tf")
            for line in re.findall(rf"^{kind} .*\{{", path.read_text(encoding="utf-8"), re.M)}


class Terraform(support.DeployCase):
    several = None

    def setUp(self):
        # Debian has no package of it.
        if not shutil.which("terraform"):
            self.skipTest("terraform is missing")
        (self.directory / "terraform.rc").touch()

    def terraform(self, folder, *arguments):
        return support.run("terraform", f"-chdir={folder}", *arguments, environment={
            "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(self.directory / "terraform.rc")})

    def apply(self, example, changes=(), **variables):
        """The example with the module's variables and documents, and nothing that uses the provider."""
        work = self.directory / self._testMethodName
        folder = work / "examples" / example
        shutil.copytree(MODULE / "documents", work / "documents")
        folder.mkdir(parents=True)
        for name in WITHOUT_PROVIDER:
            shutil.copy(MODULE / name, work)
        (work / "account.tf").write_text(ACCOUNT, encoding="utf-8")
        text = (MODULE / "examples" / example / "main.tf").read_text(encoding="utf-8")
        text, count = re.subn(r'^provider "aws" \{.*?^\}', "", text, flags=re.M | re.S)
        self.assertEqual(count, 1)
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        text += 'output "module" { value = module.backups }\n'
        (folder / "main.tf").write_text(text, encoding="utf-8")
        variables = {"image": "registry/pgseal:1", "cluster_arn": "cluster",
                     "network": {"subnets": ["subnet"], "security_groups": ["group"]}} | variables
        (folder / "terraform.tfvars.json").write_text(json.dumps(variables), encoding="utf-8")
        result = self.terraform(folder, "init", "-input=false", "-no-color")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return folder, self.terraform(folder, "apply", "-auto-approve", "-input=false", "-no-color")

    def render(self, example, **variables):
        folder, result = self.apply(example, **variables)
        self.assertEqual(result.returncode, 0, result.stderr)
        output = json.loads(self.terraform(folder, "output", "-json", "module").stdout)
        return output["tasks"], output["documents"]

    def render_several(self):
        """Once for all tests."""
        if Terraform.several is None:
            Terraform.several = self.render(
                "several-databases", drill_image="registry/pgseal-drill:1", kms_key_arn=KMS_KEY_ARN,
                secrets=SECRETS, signer=self.signer, classic_public_key=self.public_key)
        return Terraform.several

    def assert_is_documented(self, policy, sid, page, name=None, **variables):
        expected = support.documented_policy(page, BUCKET="example-backups", KMS_KEY=KMS_KEY,
                                             **variables)[name or sid]
        self.assertEqual(policy.pop(sid) | {"Sid": expected["Sid"]}, expected)

    def environment_of(self, container):
        values = {"PGSEAL_SIGNING_KEY": self.signing_key, "DRILL_IDENTITY": self.identity,
                  "PGPASSWORD": "secret"}
        return {entry["name"]: entry["value"] for entry in container["environment"]} | {
            secret["name"]: values[secret["name"]] for secret in container["secrets"]}

    def test_one_database_needs_no_more_than_doc_iam_says(self):
        tasks, documents = self.render("one-database")
        self.assertEqual(tasks.keys(), {"backup/shop"})
        policy = support.by_sid(json.loads(documents["role_policies"]["backup"]["shop"]))
        self.assert_is_documented(policy, "PutBackups", "writer", PREFIX="backups/shop")
        self.assert_is_documented(policy, "EnterTheDatabase", "database", DB_USER="backup",
                                  DB_RESOURCE=support.DB_RESOURCE)
        self.assertEqual(policy, {})
        self.assertEqual(documents["role_policies"]["drill"], {})

        bucket = support.by_sid(json.loads(documents["bucket_policy"]))
        shop = {"PREFIX": "backups/shop", "WRITER_ROLE": "pgseal-shop-backup"}
        for sid in "TheWriterPutsOnly", "TheWriterKeepsToItsPrefix":
            self.assert_is_documented(bucket, f"{sid}Shop", "bucket", sid, **shop)
        self.assert_is_documented(bucket, "NobodyOverwrites", "bucket", WRITER_ROLE="",
                                  PREFIX="backups")
        tls = bucket.pop("OnlyOverTls")
        self.assertEqual((tls["Effect"], tls["Condition"]),
                         ("Deny", {"Bool": {"aws:SecureTransport": "false"}}))
        self.assertEqual(bucket, {})

    def test_several_databases_need_no_more_than_doc_iam_says(self):
        tasks, documents = self.render_several()
        self.assertEqual(tasks.keys(), {"backup/shop", "backup/crm", "drill/shop"})
        policies = {verb: {key: support.by_sid(json.loads(policy)) for key, policy in of.items()}
                    for verb, of in documents["role_policies"].items()}

        classic = policies["backup"]["crm"]
        self.assert_is_documented(classic, "PutBackups", "writer-classic", PREFIX="backups/crm")
        self.assert_is_documented(classic, "EncryptBackups", "writer-kms")
        self.assertEqual(classic, {})

        archive = policies["backup"]["shop"]
        self.assertEqual(archive["EncryptBackups"]["Action"], ["kms:GenerateDataKey"])
        archive["EncryptBackups"]["Action"].insert(0, "kms:Decrypt")  # which archives do without
        self.assert_is_documented(archive, "EncryptBackups", "writer-kms")

        drill = policies["drill"]["shop"]
        for sid in "ReadBackups", "ListBackups":
            self.assert_is_documented(drill, sid, "reader", PREFIX="backups/shop")
        self.assert_is_documented(drill, "DecryptBackups", "reader-kms")
        page = (support.ROOT / "doc/drill-report.md").read_text(encoding="utf-8")
        resource = re.search(r"`s3:PutObject` for `(\S+)`", page).group(1)
        self.assertEqual(drill.pop("PutDrillReports"), {
            "Sid": "PutDrillReports", "Effect": "Allow", "Action": ["s3:PutObject"],
            "Resource": [resource.replace("BUCKET/PREFIX", "example-backups/backups/shop")]})
        self.assertEqual(drill.pop("EncryptDrillReports")["Action"], ["kms:GenerateDataKey"])
        self.assertEqual(drill, {})

        bucket = support.by_sid(json.loads(documents["bucket_policy"]))
        self.assertEqual(bucket["TheWriterPutsOnlyCrm"]["NotAction"],
                         ["s3:AbortMultipartUpload", "s3:PutObject"])
        self.assertEqual(bucket["TheWriterPutsOnlyShop"]["NotAction"], ["s3:PutObject"])

    def test_lets_ecs_and_the_scheduler_do_what_deploy_ecs_says(self):
        _, documents = self.render_several()
        for document, file in (("execution_policy", "execution-policy.json"),
                               ("scheduler_policy", "scheduler-policy.json"),
                               ("task_trust", "task-trust.json"),
                               ("scheduler_trust", "scheduler-trust.json")):
            with self.subTest(document):
                rendered = support.by_sid(json.loads(documents[document]))
                text = (support.DEPLOY / "ecs" / file).read_text(encoding="utf-8")
                example = support.by_sid(json.loads(text.replace("${ACCOUNT}", support.ACCOUNT)))
                for sid, statement in rendered.items():
                    if sid == "ReadParameters":
                        self.assertEqual(statement["Action"], ["ssm:GetParameters"])
                        self.assertEqual(statement["Resource"], [SECRETS["crm_password"]])
                        continue
                    self.assertNotIn("*", statement.get("Resource", []))
                    self.assertEqual(statement | {"Resource": None},
                                     example[sid] | {"Resource": None})

    def test_gives_pgseal_settings_that_it_takes(self):
        _, documents = self.render_several()
        for key, form in (("shop", "archive"), ("crm", "classic")):
            (container,) = json.loads(documents["containers"]["backup"][key])
            self.assertTrue(container["readonlyRootFilesystem"])
            settings = self.settings_of(container["entryPoint"] + container["command"],
                                        self.environment_of(container))
            self.assertEqual(settings["format"], form)
            self.assertEqual(settings["store"], documents["stores"][key])
            self.assertEqual(settings["log_format"], "json")  # which the alarm reads
            self.assertEqual(bool(settings["signing_key"]), form == "archive")

    def test_drills_with_the_identity_in_no_file_and_no_environment(self):
        _, documents = self.render_several()
        (container,) = json.loads(documents["containers"]["drill"]["shop"])
        store, program = self.directory / "store", self.directory / "bin" / "pgseal"
        store.mkdir()
        program.parent.mkdir()
        program.write_text('#!/bin/bash\n[[ ! -v DRILL_IDENTITY ]] || exit 1\n'
                           'for last; do :; done\n[[ -p $last ]] || exit 1\ncat "$last" >&2\n'
                           f'exec {support.PROGRAM} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        environment = self.environment_of(container) | {
            "PATH": f"{program.parent}:/usr/bin:/bin", "PGSEAL_STORE": f"file://{store}",
            "PGSEAL_EXPECTED_BUCKET_OWNER": ""}
        result = support.run(*container["entryPoint"], *container["command"],
                             environment=environment)
        self.assertEqual(result.returncode, 10, result.stderr)  # the store is empty
        self.assertIn(self.identity, result.stderr)
        self.assertEqual(self.environment_of(container).keys() - {"DRILL_IDENTITY"}
                         - support.documented_variables(), set())

    def test_refuses_what_aws_would_refuse_later(self):
        _, result = self.apply("one-database", changes=[
            ("    shop = {", "    Shop = {"), (support.DB_RESOURCE, "shop")])
        self.assertEqual(result.returncode, 1)
        self.assertIn("A name in databases is of at most 32 small letters", result.stderr)
        self.assertIn("A resource_id in databases is that of an instance", result.stderr)

    def test_is_formatted(self):
        result = self.terraform(MODULE, "fmt", "-check", "-recursive", "-diff")
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_refers_to_what_is_there_only_and_declares_what_is_used_only(self):
        text = "".join(path.read_text(encoding="utf-8") for path in sorted(MODULE.glob("*.tf")))
        outputs = re.findall(r'^output "(\w+)"', "".join(
            path.read_text(encoding="utf-8") for path in (MODULE / "documents").glob("*.tf")), re.M)
        self.assertEqual(set(re.findall(r"\bvar\.(\w+)", text)), blocks("variable"))
        self.assertEqual(set(re.findall(r"\bmodule\.documents\.(\w+)", text)), set(outputs))
        used = set(re.findall(r"(?<!data\.)\b(aws_\w+\.\w+)\b", text))
        self.assertEqual(used - blocks("resource"), set())

    def test_counts_the_line_that_a_backup_ends_with(self):
        alarms = (MODULE / "alarms.tf").read_text(encoding="utf-8")
        event = re.search(r'pattern += "\{ \$\.event = \\"(\w+)\\" \}"', alarms).group(1)
        report = (support.ROOT / "src/cli/backup_report.cpp").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r'\{"event", "(\w+)"\}', report)), {event})


if __name__ == "__main__":
    unittest.main()
