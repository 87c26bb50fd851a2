"""All debates as tables that Athena answers SQL on, brought up to date on a schedule."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import athena, batch, cloudwatch, glue

from debate_infra.components.batch.queues import Queue
from debate_infra.components.dataset.events import start_on_event
from debate_infra.components.foundation.storage import Storage
from debate_infra.documents import dataset, policies
from debate_infra.documents.rendering import as_json
from debate_infra.settings.stack import DatasetSettings

# Some 5 US cents a query at most. The words of 10,000 debates of three hours are about 7 GB; those
# of one year (`WHERE year = '2025'`) are read without the others.
_MOST_BYTES = 10 * 1024**3
# Children of the job, each with its part of the dataset's buckets: for the first build of 10,000
# debates 36 GB are read, and one container would need an hour or two for what takes these minutes.
_CHILDREN = 8


@dataclass(frozen=True)
class DatasetArgs:
    """What the dataset depends on; `definition` is the job that writes it.

    Where an event has to come first, `after` is its pattern (JSON), in place of the schedule.
    """

    name: str
    settings: DatasetSettings
    storage: Storage
    queue: Queue
    definition: batch.JobDefinition
    after: pulumi.Output[str] | None = None


class Dataset(pulumi.ComponentResource):
    """A Glue database over `s3://<bucket>/dataset`, an Athena workgroup, and the job's schedule."""

    database: pulumi.Output[str]
    workgroup: pulumi.Output[str]

    def __init__(
        self, name: str, args: DatasetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Dataset", name, None, opts)
        self._logical, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        database = glue.CatalogDatabase(
            name,
            name=args.name.replace("-", "_"),  # a hyphen would have to be quoted in every query
            description="Debate Analyzer: docs/dataset.md says what the columns mean",
            opts=self._child,
        )
        self.database = database.name
        for table in dataset.TABLES:
            self._table(table)
        self.workgroup = self._workgroup().name
        self._schedule()
        self.register_outputs({"database": self.database, "workgroup": self.workgroup})

    def _table(self, table: str) -> None:
        location = self._args.storage.bucket.apply(lambda name: f"s3://{name}/dataset/{table}")
        column, key = (
            glue.CatalogTableStorageDescriptorColumnArgs,
            glue.CatalogTablePartitionKeyArgs,
        )
        glue.CatalogTable(
            f"{self._logical}-{table}",
            name=table,
            database_name=self.database,
            table_type="EXTERNAL_TABLE",
            parameters=location.apply(dataset.table_parameters),
            # Text, since of an enumeration nothing else is projected.
            partition_keys=[key(name=dataset.PARTITION, type="string")],
            storage_descriptor=glue.CatalogTableStorageDescriptorArgs(
                location=location.apply(lambda uri: f"{uri}/"),
                input_format=dataset.INPUT_FORMAT,
                output_format=dataset.OUTPUT_FORMAT,
                ser_de_info=glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                    serialization_library=dataset.SERIALIZATION
                ),
                columns=[
                    column(name=name, type=kind)
                    for name, kind in dataset.read_columns(table).items()
                ],
            ),
            opts=self._child,
        )

    def _workgroup(self) -> athena.Workgroup:
        encryption = athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs
        return athena.Workgroup(
            self._logical,
            name=self._args.name,
            description="Queries on the dataset of all debates",
            # Queries that people saved do not keep a stack from being taken down.
            force_destroy=True,
            configuration=athena.WorkgroupConfigurationArgs(
                enforce_workgroup_configuration=True,
                bytes_scanned_cutoff_per_query=_MOST_BYTES,
                result_configuration=athena.WorkgroupConfigurationResultConfigurationArgs(
                    output_location=self._args.storage.query_results_uri,
                    encryption_configuration=encryption(encryption_option="SSE_S3"),
                ),
            ),
            opts=self._child,
        )

    def _schedule(self) -> None:
        args, name = self._args, f"{self._args.name}-dataset"
        timed = {"schedule_expression": args.settings.schedule}
        when = {
            "description": "Bring the dataset of all debates up to date",
            # No schedule can know when the corrections are written: the event of their end does.
            # ECS may send it twice; both runs of the job then write the same.
            **({"event_pattern": args.after} if args.after else timed),
        }
        target = {
            "arn": args.queue.arn,
            "batch_target": cloudwatch.EventTargetBatchTargetArgs(
                job_definition=args.definition.arn, job_name=name, array_size=_CHILDREN
            ),
        }
        allowed = as_json(
            policies.submit_jobs,
            queue_arn=args.queue.arn,
            definition_arn=args.definition.arn_prefix,
        )
        start_on_event(name, when, target, allowed, self._child)
