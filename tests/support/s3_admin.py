#!/usr/bin/python3
"""What tests ask of an S3 server, most of it as its root user, through boto3.

    s3_admin.py ENDPOINT ACCESS_KEY_ID SECRET_ACCESS_KEY COMMAND [ARGUMENT ...]
"""

import json
import sys

import boto3
import s3_attempts
from botocore.config import Config


class Admin:
    def __init__(self, endpoint, key_id, secret):
        self.options = {
            "endpoint_url": endpoint, "region_name": "us-east-1",
            "aws_access_key_id": key_id, "aws_secret_access_key": secret,
            "config": Config(s3={"addressing_style": "path"}),
        }
        self.s3 = boto3.client("s3", **self.options)

    def create_bucket(self, bucket):
        self.s3.create_bucket(Bucket=bucket)

    def create_locking_bucket(self, bucket):
        self.s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)

    def describe_object(self, bucket, key):
        """Prints lock mode, the end of the retention, legal hold, and the tags."""
        head = self.s3.head_object(Bucket=bucket, Key=key)
        print(head["ObjectLockMode"])
        print(head["ObjectLockRetainUntilDate"].strftime("%Y-%m-%dT%H:%M:%SZ"))
        print(head["ObjectLockLegalHoldStatus"])
        for tag in self.s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]:
            print(f"{tag['Key']}={tag['Value']}")

    def describe_storage(self, bucket, key):
        """Prints storage class, how it is encrypted, and by which key."""
        head = self.s3.head_object(Bucket=bucket, Key=key)
        print(head.get("StorageClass", "STANDARD"))
        print(head["ServerSideEncryption"])
        print(head["SSEKMSKeyId"])

    def delete_version(self, bucket, key):
        version = self.s3.head_object(Bucket=bucket, Key=key)["VersionId"]
        self.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)

    def create_user(self, user, *policies):
        """Prints the ARN, the key id and the secret of a new user who may do what `policies` allow."""
        iam = boto3.client("iam", **self.options)
        print(iam.create_user(UserName=user)["User"]["Arn"])
        for number, policy in enumerate(policies):
            iam.put_user_policy(UserName=user, PolicyName=f"policy-{number}", PolicyDocument=policy)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        print(key["AccessKeyId"])
        print(key["SecretAccessKey"])

    def create_role(self, role, trusted, policy):
        """Prints the ARN of a new role that the user `trusted`, an ARN, may take on."""
        iam = boto3.client("iam", **self.options)
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": [trusted]}, "Action": ["sts:AssumeRole"]}]}
        created = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=role, PolicyName="policy", PolicyDocument=policy)
        print(created["Role"]["Arn"])

    def put_bucket_policy(self, bucket, policy):
        self.s3.put_bucket_policy(Bucket=bucket, Policy=policy)

    def put_lifecycle(self, bucket, configuration):
        """Prints what the bucket has then."""
        self.s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration=json.loads(configuration))
        answer = self.s3.get_bucket_lifecycle_configuration(Bucket=bucket)
        print(json.dumps({"Rules": answer["Rules"]}))

    def attempts(self, bucket, inside, outside):
        """Tries s3_attempts.requests, and prints of each its action, behind + or - for refused."""
        for action, request in s3_attempts.requests(self.s3, bucket, inside, outside):
            print("-" if s3_attempts.is_refused(request) else "+", action, sep="")

    def list_keys(self, bucket):
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", []):
                print(entry["Key"])

    def list_multipart_uploads(self, bucket):
        for upload in self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            print(upload["Key"])

    def put_object(self, bucket, key, path):
        self.s3.upload_file(path, bucket, key)

    def get_object(self, bucket, key, path):
        self.s3.download_file(bucket, key, path)


def main():
    endpoint, key_id, secret, command, *arguments = sys.argv[1:]
    getattr(Admin(endpoint, key_id, secret), command)(*arguments)


if __name__ == "__main__":
    main()
