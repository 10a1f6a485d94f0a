"""What somebody may do in a bucket, found out by trying: an action of S3's policies, and a request of it."""

from botocore.exceptions import ClientError


def requests(s3, bucket, inside, outside):
    """Pairs of an action and its request, the destructive ones last; "(outside)" is beyond the prefix.

    `inside` and `outside` are keys of objects that are there: of others AccessDenied would say nothing.
    """
    def of(key):
        return {"Bucket": bucket, "Key": key}

    prefix = inside.rpartition("/")[0] + "/"
    lock = {"Mode": "GOVERNANCE", "RetainUntilDate": "2020-01-01T00:00:00Z"}  # is over: locks nothing
    rules = {"Rules": [{"ID": "none", "Status": "Disabled", "Filter": {"Prefix": "none/"},
                        "Expiration": {"Days": 1}}]}
    return [
        ("s3:ListBucket", lambda: s3.list_objects_v2(Bucket=bucket, Prefix=prefix)),
        ("s3:ListBucket (outside)", lambda: s3.list_objects_v2(Bucket=bucket)),
        ("s3:ListBucketVersions", lambda: s3.list_object_versions(Bucket=bucket, Prefix=prefix)),
        ("s3:ListBucketMultipartUploads", lambda: s3.list_multipart_uploads(Bucket=bucket)),
        ("s3:GetObject", lambda: s3.get_object(**of(inside))),
        ("s3:GetObject (outside)", lambda: s3.get_object(**of(outside))),
        ("s3:GetObjectTagging", lambda: s3.get_object_tagging(**of(inside))),
        ("s3:GetObjectAcl", lambda: s3.get_object_acl(**of(inside))),
        ("s3:GetObjectRetention", lambda: s3.get_object_retention(**of(inside))),
        ("s3:GetObjectLegalHold", lambda: s3.get_object_legal_hold(**of(inside))),
        ("s3:GetBucketPolicy", lambda: s3.get_bucket_policy(Bucket=bucket)),
        ("s3:GetBucketVersioning", lambda: s3.get_bucket_versioning(Bucket=bucket)),
        ("s3:GetLifecycleConfiguration",
         lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)),
        ("s3:PutObject", lambda: s3.put_object(**of(inside + "-new"), Body=b"new")),
        ("s3:PutObject (outside)", lambda: s3.put_object(**of(outside + "-new"), Body=b"new")),
        ("s3:AbortMultipartUpload",
         lambda: s3.abort_multipart_upload(**of(inside), UploadId="none")),
        ("s3:PutObjectTagging", lambda: s3.put_object_tagging(**of(inside), Tagging={"TagSet": []})),
        ("s3:PutObjectAcl", lambda: s3.put_object_acl(**of(inside), ACL="private")),
        ("s3:PutObjectRetention", lambda: s3.put_object_retention(**of(inside), Retention=lock)),
        ("s3:PutObjectLegalHold",
         lambda: s3.put_object_legal_hold(**of(inside), LegalHold={"Status": "OFF"})),
        ("s3:PutLifecycleConfiguration",
         lambda: s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)),
        ("s3:PutBucketVersioning",
         lambda: s3.put_bucket_versioning(Bucket=bucket,
                                          VersioningConfiguration={"Status": "Enabled"})),
        ("s3:DeleteObject", lambda: s3.delete_object(**of(inside))),
        ("s3:DeleteObject (outside)", lambda: s3.delete_object(**of(outside))),
        ("s3:DeleteObjectVersion", lambda: s3.delete_object(**of(inside), VersionId="null")),
        ("s3:DeleteBucketPolicy", lambda: s3.delete_bucket_policy(Bucket=bucket)),
        ("s3:DeleteBucket", lambda: s3.delete_bucket(Bucket=bucket)),
    ]


def is_refused(request):
    """Any other error comes after the permission was there: an upload that does not exist, say."""
    try:
        request()
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "403")
    return False
