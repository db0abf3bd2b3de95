"""The console's Stacks screen: a template on its way to a stack and back, in a browser, against a real croft."""

import botocore.exceptions
import pytest
from conftest import ARTICLE
from console_page import browser, data, passed


def test_stacks(fresh_croft):
    croft = fresh_croft()
    croft.run("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "status", "--capabilities", "CAPABILITY_IAM")
    assert len(passed(browser(croft, "stacks.mjs"))) == 11
    cloudformation = croft.client("cloudformation")
    alive = {stack["StackName"]: stack["StackStatus"] for stack in cloudformation.describe_stacks()["Stacks"]}
    assert alive == {"status": "CREATE_COMPLETE", "fails": "ROLLBACK_COMPLETE", "large": "CREATE_COMPLETE"}
    with pytest.raises(botocore.exceptions.ClientError, match="NonExistentQueue|does not exist"):
        croft.client("sqs").get_queue_url(QueueName="dev-shop")


def test_what_a_query_service_refuses_is_xml_to_the_page(croft):
    refused = data(croft, "aws/cloudformation", "POST", b"Action=DescribeStacks&Version=2010-05-15&StackName=none",
                   content_type="application/x-www-form-urlencoded")
    assert refused.status == 400
    assert b"<Code>ValidationError</Code><Message>Stack with id none does not exist</Message>" in refused.body
