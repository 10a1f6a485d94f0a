#!/usr/bin/python3
"""What tests ask of an S3 server as its root user, through boto3.

    s3_admin.py ENDPOINT ACCESS_KEY_ID SECRET_ACCESS_KEY COMMAND [ARGUMENT ...]
"""

import json
import sys

import boto3
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

    def delete_version(self, bucket, key):
        version = self.s3.head_object(Bucket=bucket, Key=key)["VersionId"]
        self.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)

    def create_writer_user(self, bucket, *actions):
        """Prints the key id and the secret of a new user who may do `actions` in `bucket` only."""
        iam = boto3.client("iam", **self.options)
        user = "writer-of-" + bucket
        iam.create_user(UserName=user)
        policy = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::{bucket}/*"}]}
        iam.put_user_policy(UserName=user, PolicyName="write", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        print(key["AccessKeyId"])
        print(key["SecretAccessKey"])

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
