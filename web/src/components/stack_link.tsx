// The stack that made a resource, if one did.
import {useEffect, useState} from "preact/hooks";
import {awsQuery} from "../api";
import {texts} from "../i18n";
import {follow, href} from "../router";

async function stackOf(physicalId: string): Promise<string> {
  try {
    const found = await awsQuery("cloudformation", "2010-05-15", "DescribeStackResources", {PhysicalResourceId: physicalId});
    return found.getElementsByTagName("StackName")[0]?.textContent ?? "";
  } catch {
    return ""; // ValidationError: no stack made it
  }
}

export function StackLink({physicalId}: {physicalId: string}) {
  const [stack, setStack] = useState("");
  useEffect(() => {
    let over = false;
    void stackOf(physicalId).then((name) => over || setStack(name));
    return () => {
      over = true;
    };
  }, [physicalId]);
  if (stack === "") return null;
  return (
    <span class="quiet-text">
      {texts.value.ofStack}{" "}
      <a href={href("stacks", {stack})} onClick={follow}>
        <bdi>{stack}</bdi>
      </a>
    </span>
  );
}
