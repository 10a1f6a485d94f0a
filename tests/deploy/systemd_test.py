"""deploy/systemd: the units are sound, hardened, and run a backup that pgseal knows."""

import re
import shlex
import unittest

import support

UNITS = support.DEPLOY / "systemd"
SERVICE = UNITS / "pgseal-backup@.service"


class Systemd(support.DeployCase):
    def setUp(self):
        support.need("systemd-analyze", "systemd")

    def test_passes_systemd_analyze_verify(self):
        for unit in UNITS.glob("pgseal-backup@.*"):
            text = unit.read_text(encoding="utf-8").replace("ExecStart=pgseal",
                                                            f"ExecStart={support.PROGRAM}")
            (self.directory / unit.name).write_text(text, encoding="utf-8")
        units = [self.directory / f"pgseal-backup@shop.{kind}" for kind in ("service", "timer")]
        result = support.run("systemd-analyze", "verify", "--man=no", *units)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_is_as_hardened_as_the_readme_says(self):
        stated = re.search(r"at most ([0-9.]+)", (UNITS / "README.md").read_text(encoding="utf-8"))
        threshold = round(float(stated.group(1)) * 10)
        result = support.run("systemd-analyze", "security", "--offline=true", "--no-pager",
                             f"--threshold={threshold}", SERVICE)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("Overall exposure level", result.stdout)

    def test_backs_up_a_profile_signed(self):
        config = self.directory / "config.toml"
        config.write_text('store = "s3://example-backups/backups?region=eu-west-1"\n'
                          f'recipients = ["{support.RECIPIENT}"]\n'
                          "[profiles.shop]\nhost = 'db.example.com'\nuser = 'b'\ndatabase = 'shop'\n",
                          encoding="utf-8")
        text = SERVICE.read_text(encoding="utf-8").replace("%i", "shop")
        text = text.replace("%d", str(self.directory))
        command = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.M).group(1))
        environment = dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.M))
        self.assertEqual(environment["PGSEAL_CONFIG"], "/etc/pgseal/config.toml")
        settings = self.settings_of(command, environment | {"PGSEAL_CONFIG": str(config)})
        self.assertEqual((settings["database"], settings["format"]), ("shop", "archive"))
        self.assertTrue(settings["signing_key"])


if __name__ == "__main__":
    unittest.main()
