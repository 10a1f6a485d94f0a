"""deploy/ecs: the task definitions are complete and known to pgseal."""

import json
import unittest

import support


class Ecs(support.DeployCase):
    def load(self, name):
        public_key = self.public_key.replace("\n", "\\n")
        text = (support.DEPLOY / "ecs" / name).read_text(encoding="utf-8")
        return json.loads(support.fill(
            text, PARTITION="aws", REGION=support.REGION, ACCOUNT=support.ACCOUNT,
            BUCKET="example-backups", PREFIX="nightly/shop", WRITER_ROLE="pgseal-writer",
            IMAGE="registry/pgseal:1", DB_HOST="shop.abc123.eu-west-1.rds.amazonaws.com",
            DB_USER="backup", DB_NAME="shop", RECIPIENT=support.RECIPIENT, PUBLIC_KEY=public_key,
            SIGNING_KEY_SECRET=support.SIGNING_KEY_SECRET, CLUSTER_ARN="cluster", SUBNET="subnet",
            SECURITY_GROUP="group"))

    def settings_in(self, definition):
        (container,) = definition["containerDefinitions"]
        environment = {entry["name"]: entry["value"] for entry in container["environment"]}
        for secret in container.get("secrets", []):
            self.assertEqual(secret["name"], "PGSEAL_SIGNING_KEY")
            environment[secret["name"]] = self.signing_key
        self.assertTrue(container["readonlyRootFilesystem"])
        self.assertEqual(container["user"], "65532:65532")
        return self.settings_of(container["entryPoint"] + container["command"], environment)

    def test_backs_up_as_an_archive(self):
        settings = self.settings_in(self.load("task-definition.json"))
        self.assertEqual(settings["format"], "archive")
        self.assertEqual(settings["store"], "s3://example-backups/nightly/shop?region=eu-west-1")
        self.assertTrue(settings["signing_key"])

    def test_backs_up_as_the_old_image_did_with_its_variables_alone(self):
        settings = self.settings_in(self.load("task-definition-classic.json"))
        self.assertEqual(settings["format"], "classic")
        self.assertEqual(settings["rate_limit"], "10M")

    def test_differs_between_the_formats_in_settings_only(self):
        definitions = [self.load("task-definition.json"), self.load("task-definition-classic.json")]
        for definition in definitions:
            for key in "environment", "secrets":
                definition["containerDefinitions"][0].pop(key, None)
        self.assertEqual(*definitions)

    def test_lets_the_scheduler_start_that_task_and_no_other(self):
        schedule, task = self.load("schedule.json"), self.load("task-definition.json")
        policy = support.by_sid(self.load("scheduler-policy.json"))
        self.assertIn(schedule["Target"]["EcsParameters"]["TaskDefinitionArn"],
                      policy["RunTasks"]["Resource"])
        self.assertEqual(policy["PassRoles"]["Resource"],
                         sorted([task["taskRoleArn"], task["executionRoleArn"]]))
        group = task["containerDefinitions"][0]["logConfiguration"]["options"]["awslogs-group"]
        self.assertEqual(support.by_sid(self.load("execution-policy.json"))["WriteLogs"]["Resource"],
                         [f"arn:aws:logs:eu-west-1:{support.ACCOUNT}:log-group:{group}:*"])


if __name__ == "__main__":
    unittest.main()
