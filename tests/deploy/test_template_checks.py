"""What ValidateTemplate and GetTemplateSummary refuse, with AWS's texts."""

import botocore.exceptions
import pytest

OPERATIONS = ["validate_template", "get_template_summary"]


def refusal(client, operation, template):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        getattr(client("cloudformation"), operation)(TemplateBody=template)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("template, line, column", [
    ("Resources:\n  Topic:\n    Type: \"AWS::S3::Bucket\n", 4, 1),
    ("Resources:\n  Topic:\n    Type: 'AWS::S3::Bucket\n", 4, 1),
    ("Resources:\n  Topic:\n    Type: 'AWS::S3::Bucket", 3, 27),
    ("Resources:\n  Topic:\n    Type: 'AWS::S3::Bucket\n\n  ", 5, 3),
    ("Resources:\n  Topic:\n    Type: AWS::S3::Bucket\nDescription: 'and more\nOutputs: {}\n", 6, 1),
    ("Resources:\n  Topic:\n    Type: AWS::S3::Bucket\n    Metadata: {a: !Sub \"b\n", 5, 1),
    ("Description: \"Gr\u00f6\u00dfe\"\nResources:\n  \"Topic\n", 4, 1),
])
def test_a_quoted_scalar_that_nothing_ends(client, operation, template, line, column):
    assert refusal(client, operation, template) == (
        "ValidationError", f"Template format error: YAML not well-formed. (line {line}, column {column})")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_quotes_that_end_are_taken(client, operation):
    template = "Resources:\n  Topic:\n    Type: 'AWS::S3::Bucket'\nDescription: \"it's here\"  # isn't it\n\n"
    assert getattr(client("cloudformation"), operation)(TemplateBody=template)["Description"] == "it's here"
    text = "Resources:\n  Topic:\n    Type: AWS::S3::Bucket\nDescription: |\n  say \"hello\n\n"
    assert getattr(client("cloudformation"), operation)(TemplateBody=text)["Description"] == 'say "hello\n'


BUCKET = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("more, message", [
    ("    Properties: {BucketName: !Ref Nope}\n",
     "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template"),
    ("    Properties: {BucketName: !Sub '${Nope}-${AlsoNot}'}\n",
     "Template format error: Unresolved resource dependencies [AlsoNot, Nope] in the Resources block of the template"),
    ("    DependsOn: Nope\n",
     "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template"),
    ("    Properties: {BucketName: !GetAtt Nope.Arn}\n",
     "Template error: instance of Fn::GetAtt references undefined resource Nope"),
    ("Outputs: {Out: {Value: !Ref Nope}}\n",
     "Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template"),
    ("    Condition: Nope\n",
     "Template format error: Unresolved condition dependency Nope in the Resources block of the template"),
])
def test_names_that_nothing_has(client, operation, more, message):
    assert refusal(client, operation, BUCKET + more) == ("ValidationError", message)


def test_a_template_with_a_transform_is_summarised_before_it_runs(client):
    """What the transform makes has names that the template lacks: here the function's role."""
    template = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.11, Handler: a.b, InlineCode: 'def b(e, c): pass'}
Outputs:
  Role: {Value: !GetAtt FunctionRole.Arn}
"""
    summary = client("cloudformation").get_template_summary(TemplateBody=template)
    assert summary["ResourceTypes"] == ["AWS::Serverless::Function"]
    assert summary["DeclaredTransforms"] == ["AWS::Serverless-2016-10-31"]


def test_the_template_of_a_stack_is_summarised(client):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="summarised", TemplateBody=BUCKET + "Description: one\n")
    summary = cloudformation.get_template_summary(StackName="summarised")
    assert (summary["Description"], summary["ResourceTypes"]) == ("one", ["AWS::S3::Bucket"])
