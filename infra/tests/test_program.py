from provider_schema import problems
import pulumi, pulumi_aws as aws

def test_default(run_program):
    p = run_program({"withWebapp": True, "certificateArn": "arn:aws:acm:x", "alarmEmail":"a@b.cd","githubRepository":"o/r"})
    aw=[r for r in p.resources if r.kind.startswith("aws:")]
    print(len(aw))
    print([x for r in aw for x in problems(r)])

def test_plant(record):
    def body():
        aws.s3.BucketCorsConfiguration("x", bucket="b", cors_rules=[{"allowed_methodz": ["GET"], "allowed_origins":["x"]}])
    r, = record(body)
    print(r.inputs, problems(r))
