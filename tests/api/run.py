"""Asks schemathesis, as each role, whether the API's document is true of the built program.

    run.py PROGRAM [--database URL]... [--role ROLE]... [--whole] [-- arguments of schemathesis]

Each database gets a demo ward of its own, SQLite first; its service listens on 127.0.0.1 alone. `--whole` also holds
that every line of reviewed.txt was needed.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request
import uuid

import reviewed

HERE = pathlib.Path(__file__).parent
PASSWORD = "la-lanh-dum-la-rach"
LOGINS = {
    "admin": "quan.tri",
    "coordinator": "can.bo",
    "storekeeper": "thu.kho",
    "verifier": "khu.3",
    "volunteer": "tinh.nguyen",
    "auditor": "giam.sat",
}
# Those who change most come last: what they close, the others would find closed.
ROLES = ["anonymous", "auditor", "volunteer", "device", "verifier", "storekeeper", "coordinator", "admin"]
# Calls that end the login which makes them, or stop it until it has a second factor.
ENDING = ["/logout", "/me/sessions/end", "/me/password", "/settings/second-factor"]
# Where ids of a type are listed.
LISTS = {
    "AreaId": "/areas",
    "PointId": "/points",
    "ItemId": "/items",
    "PackageId": "/packages",
    "CampaignId": "/campaigns",
    "DonorId": "/donors",
    "DonationId": "/donations",
    "HouseholdId": "/households",
    "RoundId": "/rounds",
    "ReductionId": "/rent-reductions",
    "ConflictId": "/conflicts",
    "DeviceId": "/devices",
    "LeaseId": "/leases",
    "TransferId": "/stock/transfers",
    "AdjustmentId": "/stock/adjustments",
}


class Service:
    """The demo of the built program."""

    def __init__(self, program, database):
        self.folder = tempfile.TemporaryDirectory(prefix="lalanh-api-test-")
        arguments = [program, "demo", "--data-dir", f"{self.folder.name}/data", "--listen", "127.0.0.1:0"]
        if database:
            arguments += ["--database", database]
        self.log = open(f"{self.folder.name}/log", "w", encoding="utf-8")
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=self.log, text=True)
        found = re.search(r"http://127\.0\.0\.1:\d+", self.process.stdout.readline())
        if not found:
            sys.exit(f"The demo did not start: {pathlib.Path(self.log.name).read_text()}")
        self.address = found[0]

    def call(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v1{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def login(self, username):
        return self.call("POST", "/login", {"username": username, "password": PASSWORD})["token"]

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()
        self.folder.cleanup()


class Ward:
    """What a run needs to know of a service's ward: logins, and real ids by the names of their types."""

    def __init__(self, service):
        self.service = service
        self.tokens = {role: service.login(username) for role, username in LOGINS.items()}
        self.admin = self.tokens["admin"]
        self.ids = {name: self.listed(path) for name, path in LISTS.items()}
        vouchers = f"/rounds/{self.ids['RoundId'][0]}/vouchers"
        self.ids["VoucherId"] = self.listed(vouchers)
        imports = [f"/{kind}/imports" for kind in ("households", "donations", "rent-reductions")]
        self.ids["ImportId"] = [one for path in imports for one in self.listed(path)]
        self.ids["nonce"] = self.listed("/redemptions", "nonce")
        self.ids["code"] = self.listed(vouchers, "typed_code")
        self.ids["token"] = [self.pledge()]
        phone = service.call("POST", "/devices", {"name": "Máy thử", "point_ids": self.ids["PointId"][:2]}, self.admin)
        enrolled = service.call("POST", "/devices/enrol", {"enrol_code": phone["enrol_code"]})
        self.tokens["device"] = enrolled["token"]
        # Nobody works with this login: what happens to it ends no run.
        spare = {"username": "nguoi.thu", "role": "auditor", "password": PASSWORD + "-2"}
        self.ids["UserId"] = [service.call("POST", "/users", spare, self.admin)["id"]]
        self.ids["TokenId"] = [self.spare_token()["id"]]
        self.ids = {name: ids for name, ids in self.ids.items() if ids}

    def listed(self, path, field="id"):
        return [item[field] for item in self.service.call("GET", path, token=self.admin)["items"]][:20]

    def spare_token(self):
        return self.service.call("POST", f"/users/{self.ids['UserId'][0]}/tokens", {"days": 1}, self.admin)

    def pledge(self):
        landlord = {"name": "Mai Mỹ Trâm", "phone": "0905 420 430", "address": "K101/41 Phù Đổng"}
        room = {"room": "1", "month": "2021-07", "rent": 1_400_000, "kind": "percent", "percent": 50}
        return self.service.call("POST", "/rent-reductions", {"landlord": landlord, "rooms": [room]})["token"]

    def still_there(self, role):
        path = "/devices/me" if role == "device" else "/me"
        self.service.call("GET", path, token=self.tokens[role])


def ask(service, ward, role, used, rest):
    """One run as one role; whether nothing was found."""
    ending = {} if role == "anonymous" else {path: ward.spare_token()["token"] for path in ENDING}
    environment = os.environ | {
        "API_TEST_WARD": json.dumps({"ids": ward.ids, "token": ward.tokens.get(role), "ending": ending}),
        "API_TEST_USED": used,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONHASHSEED": "0",
    }
    command = [str(pathlib.Path(sys.executable).parent / "schemathesis"), "--config-file", str(HERE / "schemathesis.toml")]
    command += ["run", f"{service.address}/api/v1/openapi.json", "--url", service.address]
    clean = subprocess.run(command + rest, env=environment, check=False).returncode == 0
    if role != "anonymous":
        ward.still_there(role)
    return clean


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--database", action="append", default=[])
    parser.add_argument("--role", action="append", choices=ROLES)
    parser.add_argument("--whole", action="store_true")
    said = sys.argv[1:]
    at = said.index("--") if "--" in said else len(said)
    arguments, rest = parser.parse_args(said[:at]), said[at + 1 :]
    failed = []
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as used:
        for database in [None, *arguments.database]:
            service = Service(arguments.program, database)
            try:
                ward = Ward(service)
                for role in arguments.role or ROLES:
                    name = f"{role} on {'PostgreSQL' if database else 'SQLite'}"
                    print(f"\n== {name}", flush=True)
                    if not ask(service, ward, role, used.name, rest):
                        failed.append(name)
            finally:
                service.stop()
        unused = reviewed.unused(used.read()) if arguments.whole else []
    for line in unused:
        print(f"tests/api/reviewed.txt: nothing needs this line any more: {line}")
    if failed:
        print(f"The API's document is not true for: {', '.join(failed)}")
    sys.exit(1 if failed or unused else 0)


main()
