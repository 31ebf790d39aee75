"""Clients that OpenAPI Generator makes of the document, in Go and Java: they compile and make the main calls."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from tests.clients.conftest import Address
from tests.clients.test_clients import SEEN, run

pytestmark = pytest.mark.long

GENERATOR = "org.openapitools:openapi-generator-cli:7.25.0"
GO_CALLS = """
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"example.com/shop/plural"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	config := plural.NewConfiguration()
	config.Servers = plural.ServerConfigurations{{URL: os.Args[1]}}
	client := plural.NewAPIClient(config)
	keys := map[string]plural.APIKey{"key": {Key: os.Args[2]}}
	ctx := context.WithValue(context.Background(), plural.ContextAPIKeys, keys)

	three := "3.00 EUR"
	tea := plural.NewProductRow("tea", "Tea")
	tea.SetPrice(plural.MerchantPrice{String: &three})
	products := plural.NewProductsBody([]plural.ProductRow{*tea})
	put, _, err := client.ProductsAPI.PutProducts(ctx).ProductsBody(*products).Execute()
	check(err)

	event := plural.NewEventRow("3", "purchase", time.Now())
	event.SetIdentityId("cleo")
	event.SetLines([]plural.LineRow{*plural.NewLineRow("tea")})
	events := plural.EventsBody{OwnBatch: plural.NewOwnBatch([]plural.EventRow{*event})}
	report, _, err := client.EventsAPI.PostEvents(ctx).EventsBody(events).Execute()
	check(err)

	much := plural.NewRecommendationBody()
	much.SetLimit(1000)
	_, refused, err := client.RecommendationsAPI.Recommend(ctx).RecommendationBody(*much).Execute()
	problem := err.(*plural.GenericOpenAPIError).Model().(plural.Problem)
	if refused.StatusCode != http.StatusUnprocessableEntity || len(problem.GetErrors()) == 0 {
		panic(err)
	}

	question := plural.NewRecommendationBody()
	question.SetIdentityId("cleo")
	question.SetLimit(3)
	answer, _, err := client.RecommendationsAPI.Recommend(ctx).RecommendationBody(*question).Execute()
	check(err)

	seen, err := json.Marshal(map[string]any{
		"put": put.Accepted, "events": report.Accepted, "status": problem.Status,
		"method": answer.Identity.Method, "outcome": answer.Consent.Outcome,
	})
	check(err)
	fmt.Println(string(seen))
}
"""


JAVA_CALLS = """
package shop;

import java.time.OffsetDateTime;
import java.util.Map;
import plural.ApiClient;
import plural.ApiException;
import plural.JSON;
import plural.api.EventsApi;
import plural.api.ProductsApi;
import plural.api.RecommendationsApi;
import plural.model.*;

public class Calls {
  public static void main(String[] args) throws ApiException {
    ApiClient client = new ApiClient().setBasePath(args[0]);
    client.setApiKey(args[1]);

    ProductRow tea = new ProductRow().id("tea").title("Tea").price(new MerchantPrice("3.00 EUR"));
    BatchReport put = new ProductsApi(client).putProducts(new ProductsBody().addProductsItem(tea), null);

    EventRow event = new EventRow().eventId("4").type(EventRow.TypeEnum.PURCHASE).at(OffsetDateTime.now())
        .identityId("dora").addLinesItem(new LineRow().productId("tea"));
    EventsBody events = new EventsBody(new OwnBatch().addEventsItem(event));
    EventsReport report = new EventsApi(client).postEvents(events, null, null, null);

    RecommendationsApi shelves = new RecommendationsApi(client);
    int status = 0;
    try {
      shelves.recommend(new RecommendationBody().limit(1000), null, null, null);
    } catch (ApiException refused) {
      status = JSON.<Problem>deserialize(refused.getResponseBody(), Problem.class).getStatus();
    }

    RecommendationBody question = new RecommendationBody().identityId("dora").limit(3);
    RecommendationAnswer answer = shelves.recommend(question, null, null, null);
    System.out.println(JSON.serialize(Map.of("put", put.getAccepted(), "events", report.getAccepted(), "status", status,
        "method", answer.getIdentity().getMethod(), "outcome", answer.getConsent().getOutcome())));
    System.exit(0);  // the client's own threads would keep it for a minute
  }
}
"""


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """The command that makes a client, to which the language and the folder are added."""
    if missing := [tool for tool in ("java", "mvn") if which(tool) is None]:
        pytest.skip(f"{' and '.join(missing)} is not here: no client is made by OpenAPI Generator")
    folder = tmp_path_factory.mktemp("generator")
    made("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={GENERATOR}", f"-DoutputDirectory={folder}")
    document = folder / "openapi.json"
    home = {**os.environ, "PLURAL_HOME": str(tmp_path_factory.mktemp("home"))}
    document.write_text(made(f"{Path(sys.executable).parent}/plural", "openapi", environment=home))
    return "java", "-jar", next(folder.glob("*.jar")), "generate", "-i", document


def made(*command: object, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_a_go_client_compiles_and_makes_the_main_calls(
    generator: tuple[object, ...], address: Address, tmp_path: Path
) -> None:
    if which("go") is None:
        pytest.skip("go is not here: the Go client is not tried")
    module = ("--git-host", "example.com", "--git-user-id", "shop", "--git-repo-id", "plural")
    await run(*generator, "-g", "go", "--package-name", "plural", "-o", tmp_path, *module)
    program = tmp_path / "cmd" / "calls"
    program.mkdir(parents=True)
    (program / "main.go").write_text(GO_CALLS)
    await run("go", "build", "-o", tmp_path / "calls", "./cmd/calls", cwd=tmp_path)

    assert json.loads(await run(tmp_path / "calls", address.url, address.key)) == SEEN


async def test_a_java_client_compiles_and_makes_the_main_calls(
    generator: tuple[object, ...], address: Address, tmp_path: Path
) -> None:
    packages = ("--invoker-package", "plural", "--api-package", "plural.api", "--model-package", "plural.model")
    await run(*generator, "-g", "java", *packages, "-o", tmp_path)
    program = tmp_path / "src" / "main" / "java" / "shop"
    program.mkdir(parents=True)
    (program / "Calls.java").write_text(JAVA_CALLS)
    await run("mvn", "-q", "-B", "compile", "dependency:build-classpath", "-Dmdep.outputFile=classpath", cwd=tmp_path)
    classes = f"{tmp_path / 'target' / 'classes'}:{(tmp_path / 'classpath').read_text()}"

    assert json.loads(await run("java", "-cp", classes, "shop.Calls", address.url, address.key)) == SEEN
