"""deploy/kubernetes and deploy/helm, as kubectl renders them: Kubernetes' own types know each field, the pods
are restricted, and pgseal takes the settings."""

import json
import re
import types
import unittest

import jsonschema
import kubernetes.client
import support
import yaml

KUBERNETES = support.DEPLOY / "kubernetes"
CHART = support.DEPLOY / "helm/pgseal"
CONFIG = "/run/pgseal/config/"
SIGNING_KEY = "/run/pgseal/keys/signing.key"


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def merge(values, other):
    """As helm merges values: maps key by key, everything else as a whole."""
    return {key: merge(values[key], other[key])
            if isinstance(values.get(key), dict) and isinstance(other.get(key), dict)
            else other.get(key, values.get(key)) for key in values | other}


def sorted_objects(text):
    """The objects of a YAML stream by kind and name."""
    objects = [item for item in yaml.safe_load_all(text) if item]
    return {f"{item['kind']}/{item['metadata']['name']}": item for item in objects}


class Kubernetes(support.DeployCase):
    def setUp(self):
        support.need("kubectl", "kubernetes-client")

    def kustomize(self, overlay):
        version = json.loads(support.run("kubectl", "version", "--client", "-o", "json").stdout)
        if int(re.match(r"\d+", version["clientVersion"]["minor"]).group()) < 21:
            self.skipTest("kubectl is that of Debian 12, whose kustomize is another")
        result = support.run("kubectl", "kustomize", KUBERNETES / overlay)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return sorted_objects(result.stdout)

    def helm(self, values, release="backups"):
        """The chart, by the template engine of Go in kubectl: helm itself is no package of Debian's."""
        chart = read_yaml(CHART / "Chart.yaml")
        context = {"apiVersion": "v1", "kind": "Context", "metadata": {"name": "context"},
                   "Values": values, "Release": {"Name": release},
                   "Chart": {"AppVersion": chart["appVersion"]}}
        file = self.directory / "context.json"
        file.write_text(json.dumps(context), encoding="utf-8")
        text = ""
        for template in sorted((CHART / "templates").iterdir()):
            result = support.run("kubectl", "annotate", "--local", "-f", file, "rendered=yes",
                                 "-o", f"go-template-file={template}")
            self.assertEqual((result.returncode, result.stderr), (0, ""), template)
            text += f"---\n{result.stdout}\n"
        return sorted_objects(text)

    def assert_kubernetes_knows(self, item):
        """Reads it into the classes made of Kubernetes' published API, which have the types of fields and
        which must be there, and writes it again: nothing may be lost or become another."""
        client = kubernetes.client.ApiClient()
        response = types.SimpleNamespace(data=json.dumps(item))
        with self.subTest(item["kind"]):
            known = client.deserialize(response, f"V1{item['kind']}")
            self.assertEqual(client.sanitize_for_serialization(known), item)

    def assert_restricted(self, pod):
        """The Pod Security Standard "restricted", and a read-only root."""
        context, (container,) = pod["securityContext"], pod["containers"]
        self.assertTrue(context["runAsNonRoot"] and context["runAsUser"] > 0)
        self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertEqual(container["securityContext"],
                         {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                          "capabilities": {"drop": ["ALL"]}})
        self.assertEqual(pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}, set())
        for volume in pod["volumes"]:
            self.assertLessEqual(volume.keys(), {"name", "configMap", "secret"})
        self.assertFalse(pod["automountServiceAccountToken"])

    def settings_of_job(self, objects, name):
        """What the CronJob's container would do, with the files that its volumes bring."""
        job = objects[f"CronJob/{name}"]
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        self.assert_restricted(pod)
        self.assertIn(f"ServiceAccount/{pod['serviceAccountName']}", objects)
        (container,) = pod["containers"]
        environment = {entry["name"]: entry["value"] for entry in container["env"]}
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        self.assertEqual(set(mounts.values()), volumes.keys())

        config_map = volumes[mounts[CONFIG.rstrip("/")]]["configMap"]["name"]
        (file, text), = objects[f"ConfigMap/{config_map}"]["data"].items()
        self.assertEqual(environment["PGSEAL_CONFIG"], CONFIG + file)
        environment["PGSEAL_CONFIG"] = str(self.directory / file)
        (self.directory / file).write_text(text, encoding="utf-8")
        if "PGSEAL_SIGNING_KEY" in environment:
            self.assertEqual(environment["PGSEAL_SIGNING_KEY"], SIGNING_KEY)
            self.assertIn("secret", volumes[mounts[SIGNING_KEY.rpartition("/")[0]]])
            environment["PGSEAL_SIGNING_KEY"] = str(self.directory / "signing.key")
        return self.settings_of(container["command"], environment)

    def test_overlays_back_up_signed_and_restricted(self):
        for overlay, annotated in (("irsa", True), ("pod-identity", False)):
            objects = self.kustomize(overlay)
            for item in objects.values():
                self.assert_kubernetes_knows(item)
            account = objects["ServiceAccount/pgseal-backup"]["metadata"]
            self.assertEqual("eks.amazonaws.com/role-arn" in account.get("annotations", {}), annotated)
            settings = self.settings_of_job(objects, "pgseal-backup")
            self.assertEqual((settings["format"], settings["database"]), ("archive", "shop"))
            self.assertTrue(settings["signing_key"])

    def values(self, **changes):
        values = merge(read_yaml(CHART / "values.yaml"), read_yaml(CHART / "example-values.yaml"))
        return merge(values, changes)

    def test_chart_makes_a_job_for_each_database(self):
        objects = self.helm(self.values())
        for item in objects.values():
            self.assert_kubernetes_knows(item)
        self.assertEqual(objects.keys(),
                         {"ConfigMap/backups-config", "ServiceAccount/backups",
                          "CronJob/backups-shop", "CronJob/backups-crm"})
        for database in "shop", "crm":
            settings = self.settings_of_job(objects, f"backups-{database}")
            self.assertEqual((settings["format"], settings["database"]), ("archive", database))
            self.assertTrue(settings["signing_key"])

    def test_chart_makes_what_its_values_say(self):
        objects = self.helm(self.values(signingKeySecret="", nodeSelector={"disk": "none"},
                                        image={"tag": ""}))
        pod = objects["CronJob/backups-crm"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        self.assertEqual(pod["nodeSelector"], {"disk": "none"})
        self.assertEqual(pod["containers"][0]["image"], "REGISTRY/pgseal:VERSION")
        self.assertIsNone(self.settings_of_job(objects, "backups-crm")["signing_key"])

    def test_chart_and_base_run_the_same_pod(self):
        base = self.kustomize("irsa")["CronJob/pgseal-backup"]
        chart = self.helm(self.values(), "pgseal")["CronJob/pgseal-shop"]
        for job in base, chart:
            pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            pod["serviceAccountName"] = pod["containers"][0]["command"] = None
            pod["volumes"][0]["configMap"]["name"] = None
            pod["nodeSelector"] = None
        self.assertEqual(chart["spec"], base["spec"])

    def test_chart_refuses_values_that_it_does_not_know(self):
        schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.validate(self.values(), schema)
        for changes in ({"databases": {"shop": {"schedul": "15 2 * * *"}}},
                        {"databases": {"Shop": {"schedule": "15 2 * * *"}}},
                        {"image": {"repository": ""}}, {"nodeSelector": {"a": True}}, {"job": 1}):
            with self.subTest(changes), self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(self.values(**changes), schema)
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(read_yaml(CHART / "values.yaml"), schema)

    def test_chart_uses_values_that_the_schema_has_only(self):
        used = set(re.findall(r"\.Values\.(\w+)", "".join(
            path.read_text(encoding="utf-8") for path in (CHART / "templates").iterdir())))
        schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
        self.assertEqual(used, schema["properties"].keys() - {"global"})
        self.assertEqual(used, read_yaml(CHART / "values.yaml").keys())


if __name__ == "__main__":
    unittest.main()
