"""The bucket that holds every job tree."""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import s3

from debate_infra.documents import resource_policies
from debate_infra.documents.rendering import as_json

_QUERY_RESULTS = "athena/"


@dataclass(frozen=True)
class StorageArgs:
    """What the bucket depends on."""

    name: str
    web_origins: tuple[str, ...]
    with_query_results: bool = False
    deletion_protection: bool = True


class Storage(pulumi.ComponentResource):
    """An encrypted, private bucket that speaks TLS only and plays videos in our own pages."""

    bucket: pulumi.Output[str]
    arn: pulumi.Output[str]
    query_results_uri: pulumi.Output[str]

    def __init__(
        self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Storage", name, None, opts)
        self._name, self._child = name, pulumi.ResourceOptions(parent=self)
        # Every debate is in it: neither a slip nor another name takes it away.
        kept = pulumi.ResourceOptions(parent=self, protect=args.deletion_protection)
        bucket = s3.Bucket(args.name, force_destroy=not args.deletion_protection, opts=kept)
        self.bucket, self.arn = bucket.id, bucket.arn
        self.query_results_uri = bucket.id.apply(lambda name: f"s3://{name}/{_QUERY_RESULTS}")
        self._close()
        self._encrypt()
        self._keep_versions()
        s3.BucketLifecycleConfiguration(
            name,
            bucket=self.bucket,
            rules=_lifecycle(args.with_query_results),
            opts=self._child,
        )
        if args.web_origins:
            self._admit_pages(args.web_origins)
        self.register_outputs({"bucket": self.bucket})

    def _close(self) -> None:
        block = s3.BucketPublicAccessBlock(
            self._name,
            bucket=self.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        s3.BucketOwnershipControls(
            self._name,
            bucket=self.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._child,
        )
        # S3 answers "conflicting operation" when both change a bucket's policy at once.
        after = pulumi.ResourceOptions(parent=self, depends_on=[block])
        policy = as_json(resource_policies.tls_only, bucket_arn=self.arn)
        s3.BucketPolicy(self._name, bucket=self.bucket, policy=policy, opts=after)

    def _encrypt(self) -> None:
        default = (
            s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
        )
        rule = s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=default(sse_algorithm="AES256")
        )
        s3.BucketServerSideEncryptionConfiguration(
            self._name, bucket=self.bucket, rules=[rule], opts=self._child
        )

    def _keep_versions(self) -> None:
        enabled = s3.BucketVersioningVersioningConfigurationArgs(status="Enabled")
        s3.BucketVersioning(
            self._name, bucket=self.bucket, versioning_configuration=enabled, opts=self._child
        )

    def _admit_pages(self, origins: tuple[str, ...]) -> None:
        rule = s3.BucketCorsConfigurationCorsRuleArgs(
            allowed_origins=list(origins),
            # PUT: an editor's browser sends a recording, at addresses of the site's.
            allowed_methods=["GET", "HEAD", "PUT"],
            allowed_headers=["*"],
            # A video element seeks by ranges and must be allowed to see these.
            expose_headers=["ETag", "Content-Range", "Accept-Ranges"],
            max_age_seconds=3600,
        )
        s3.BucketCorsConfiguration(
            self._name, bucket=self.bucket, cors_rules=[rule], opts=self._child
        )


def _lifecycle(with_query_results: bool) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    abort = s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
        days_after_initiation=7
    )
    # Recordings are watched while they are edited and rarely later. This class costs nothing
    # to read from and still answers at once.
    rest = s3.BucketLifecycleConfigurationRuleTransitionArgs(
        days=30, storage_class="INTELLIGENT_TIERING"
    )
    expiration = s3.BucketLifecycleConfigurationRuleExpirationArgs
    replaced = s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs
    rules = [
        _rule("abandoned-uploads", "", abort_incomplete_multipart_upload=abort),
        _rule("older-jobs", "jobs/", transitions=[rest]),
        # A file of the user's own is copied into its job, whose recording stays. One that failed
        # waits on the site for a week; what was deleted, such as what is no recording, for nobody.
        _rule(
            "uploads",
            "jobs/.uploads/",
            expiration=expiration(days=14),
            noncurrent_version_expiration=replaced(noncurrent_days=1),
        ),
        _rule(
            "replaced",
            "",
            noncurrent_version_expiration=replaced(noncurrent_days=30),
            # What marks something as deleted goes with the last version of it.
            expiration=expiration(expired_object_delete_marker=True),
        ),
    ]
    if with_query_results:
        rules.append(_rule("query-results", _QUERY_RESULTS, expiration=expiration(days=7)))
    return rules


def _rule(name: str, prefix: str, **action: Any) -> s3.BucketLifecycleConfigurationRuleArgs:
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=name,
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        **action,
    )
