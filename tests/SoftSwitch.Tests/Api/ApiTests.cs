using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using SoftSwitch.Config;

namespace SoftSwitch.Tests.Api;

public class ApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1/status", "version pid started uptime restarts workers ready")]
    [InlineData("v1/networks", "name mode mtu ageing ports stations moved evicted refused copies segments checksums")]
    [InlineData("v1/ports?network=quiet", "name kind network state mac mtu in out interface netns reason")]
    [InlineData("v1/ports?network=dev", "name kind network state mac mtu in out interface")]
    [InlineData("v1/fdb", "network mac port age kind")]
    [InlineData("v1/stations", "network port mac addresses age name")]
    [InlineData("v1/flows", "network protocol inside outside remote state age idle name")]
    [InlineData("v1/neighbors", "network address mac port state age name")]
    [InlineData("v1/drops", "port direction reason count help")]
    public async Task Answers_have_the_fields_that_scripts_rely_on(string path, string fields)
    {
        await using var api = await ApiFixture.Start();
        var answer = JsonNode.Parse(await api.Http.GetStringAsync(path, Cancel))!.AsObject();
        var item = answer.ContainsKey("items") ? answer["items"]![0]!.AsObject() : answer;
        Assert.Equal(fields.Split(' '), item.Select(member => member.Key));
        if (item["in"] is JsonObject counters)
            Assert.Equal(["frames", "bytes", "drops"], counters.Select(member => member.Key));
    }

    [Fact]
    public async Task A_list_says_next_also_when_there_is_none()
    {
        await using var api = await ApiFixture.Start();
        Assert.EndsWith("],\"next\":null}", await api.Http.GetStringAsync("v1/ports", Cancel));
    }

    [Fact]
    public async Task A_port_without_an_address_has_the_field_with_null()
    {
        await using var api = await ApiFixture.Start();
        Assert.Contains("\"mac\":null", await api.Http.GetStringAsync("v1/ports?network=quiet", Cancel));
    }

    [Fact]
    public async Task Times_are_RFC_3339()
    {
        await using var api = await ApiFixture.Start();
        Assert.Contains("\"started\":\"1970-01-01T00:00:00+00:00\"", await api.Http.GetStringAsync("v1/status", Cancel));
    }

    [Fact]
    public async Task Lists_are_ordered_by_name()
    {
        await using var api = await ApiFixture.Start();
        var items = JsonNode.Parse(await api.Http.GetStringAsync("v1/ports", Cancel))!["items"]!.AsArray();
        Assert.Equal(["box1", "vm1", "vm2"], items.Select(item => (string)item!["name"]!));
    }

    [Theory]
    [InlineData("v1/ports", 3)]
    [InlineData("v1/networks", 4)]
    [InlineData("v1/flows", 25)]
    [InlineData("v1/neighbors", 2)]
    [InlineData("v1/drops", 2)]
    [InlineData("v1/fdb", 25)]
    [InlineData("v1/stations", 25)]
    public async Task Pages_of_any_size_add_up_to_the_whole_list(string path, int count)
    {
        await using var api = await ApiFixture.Start(new SampleSwitch { Stations = 25, FlowCount = 25 });
        var whole = await Walk(api, path, 10_000);
        Assert.Equal(count, whole.Count);
        Assert.Equal(count, whole.Distinct().Count());
        for (var limit = 1; limit <= count + 1; limit++)
            Assert.Equal(whole, await Walk(api, path, limit));
    }

    [Theory]
    [InlineData("v1/fdb?port=vm1", 2)]
    [InlineData("v1/stations?port=vm1", 2)]
    [InlineData("v1/fdb?network=quiet", 0)]
    [InlineData("v1/drops?port=vm1", 1)]
    [InlineData("v1/ports?network=dev", 2)]
    [InlineData("v1/flows?network=dev", 0)]
    [InlineData("v1/flows?network=out&protocol=udp", 1)]
    [InlineData("v1/flows?inside=10.10.0.5", 2)]
    [InlineData("v1/neighbors?network=dev", 0)]
    [InlineData("v1/neighbors?network=out", 2)]
    public async Task A_filter_leaves_only_what_it_names(string path, int count)
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal(count, JsonNode.Parse(await api.Http.GetStringAsync(path, Cancel))!["items"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("v1/ports?colour=red", 400, "unknown parameter 'colour': this takes limit, cursor, network")]
    [InlineData("v1/status?limit=1", 400, "unknown parameter 'limit': this takes none")]
    [InlineData("v1/config?x=1", 400, "unknown parameter 'x': this takes none")]
    [InlineData("v1/ports?limit=0", 400, "limit is a number from 1 to 10000")]
    [InlineData("v1/ports?limit=10001", 400, "limit is a number from 1 to 10000")]
    [InlineData("v1/ports?limit=-1", 400, "limit is a number from 1 to 10000")]
    [InlineData("v1/ports?limit=1&limit=2", 400, "'limit' takes one value, of at most 256 characters")]
    [InlineData("v1/ports?network=", 400, "'network' takes one value, of at most 256 characters")]
    [InlineData("v1/fdb?cursor=zzz", 400, "cursor takes what an earlier page gave as next")]
    [InlineData("v1/flows?cursor=zzz", 400, "cursor takes what an earlier page gave as next")]
    [InlineData("v1/flows?cursor=0", 400, "cursor takes what an earlier page gave as next")]
    [InlineData("v1/flows?cursor=-1", 400, "cursor takes what an earlier page gave as next")]
    [InlineData("v1/flows?cursor=99999999999999999999", 400, "cursor takes what an earlier page gave as next")]
    [InlineData("v1/flows?protocol=sctp", 400, "protocol is tcp, udp or icmp")]
    [InlineData("v1/flows?inside=10.10.0.5:40000", 400, "inside is an IPv4 address such as 10.10.0.5")]
    [InlineData("v1/flows?network=nope", 404, "there is no network 'nope'")]
    [InlineData("v1/neighbors?network=nope", 404, "there is no network 'nope'")]
    [InlineData("v1/ports?network=nope", 404, "there is no network 'nope'")]
    [InlineData("v1/fdb?port=nope", 404, "there is no port 'nope'")]
    [InlineData("v1/route?port=vm1", 400, "destination is missing: /v1/route?port=vm1&destination=198.51.100.7")]
    [InlineData("v1/route?port=vm3&destination=192.0.2.1", 404, "there is no port 'vm3': did you mean 'vm1'?")]
    [InlineData("v1/route?port=vm1&destination=192.0.2", 400, "'192.0.2' is no IPv4 address: write one such as 198.51.100.7")]
    [InlineData("v1/route?port=vm1&destination=192.0.2.1", 400,
        "port vm1 is in network dev, which is internal: only a nat network has ways out")]
    [InlineData("v2/ports", 404, "there is nothing at /v2/ports; GET /openapi.json lists what there is")]
    public async Task A_wrong_request_gets_a_problem_that_says_what_is_wrong(string path, int status, string detail)
    {
        await using var api = await ApiFixture.Start();
        using var response = await api.Http.GetAsync(path, Cancel);
        Assert.Equal(detail, await ProblemDetail(response, status));
    }

    [Fact]
    public async Task Neighbors_are_ordered_by_their_address_as_a_number()
    {
        await using var api = await ApiFixture.Start();
        var items = JsonNode.Parse(await api.Http.GetStringAsync("v1/neighbors", Cancel))!["items"]!.AsArray();
        Assert.Equal(["10.10.0.5", "10.10.0.10"], items.Select(item => (string)item!["address"]!));
    }

    [Fact]
    public async Task A_million_flows_are_asked_for_a_page_at_a_time_and_a_page_may_be_empty()
    {
        var view = new SampleSwitch { FlowCount = 1_000_000 };
        await using var api = await ApiFixture.Start(view);
        var first = JsonNode.Parse(await api.Http.GetStringAsync("v1/flows?limit=10", Cancel))!;
        Assert.Equal(10, first["items"]!.AsArray().Count);
        Assert.Equal("10", (string?)first["next"]);
        Assert.Equal(10, view.LargestFlowLimit);
        var filtered = JsonNode.Parse(await api.Http.GetStringAsync("v1/flows?protocol=udp&cursor=10", Cancel))!;
        Assert.Empty(filtered["items"]!.AsArray());
        Assert.Equal($"{10 + SampleSwitch.FlowsLookedAt}", (string?)filtered["next"]);
    }

    [Fact]
    public async Task A_wrong_method_is_told_the_right_one()
    {
        await using var api = await ApiFixture.Start();
        using var response = await api.Http.DeleteAsync("v1/status", Cancel);
        Assert.Equal("/v1/status does not take DELETE, only GET", await ProblemDetail(response, 405));
        Assert.Equal(["GET"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_body_over_64_KiB_is_refused_before_it_is_read()
    {
        await using var api = await ApiFixture.Start();
        // By hand, and without the body: a client that still sends when the answer comes may see a broken pipe before it.
        using var socket = await api.Connect(Cancel);
        using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /v1/ports HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"), Cancel);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Cancel);
        Assert.StartsWith("HTTP/1.1 413 ", answer);
        Assert.Contains("a body may have 65536 bytes here, this one has 65537", answer);
    }

    [Fact]
    public async Task A_GET_with_a_body_is_refused()
    {
        await using var api = await ApiFixture.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/status") { Content = new StringContent("{}") };
        using var response = await api.Http.SendAsync(request, Cancel);
        Assert.Equal("GET takes no body", await ProblemDetail(response, 400));
    }

    [Fact]
    public async Task A_failure_inside_is_a_problem_without_a_stack_trace_and_the_next_request_works()
    {
        var failing = true;
        await using var api = await ApiFixture.Start(new SampleSwitch
        {
            OnLook = () =>
            {
                if (failing)
                    throw new InvalidOperationException("out of order");
            },
        });
        using (var response = await api.Http.GetAsync("v1/status", Cancel))
            Assert.Equal("the switch could not answer: InvalidOperationException: out of order", await ProblemDetail(response, 500));
        failing = false;
        using var next = await api.Http.GetAsync("v1/status", Cancel);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Headers_beyond_their_limit_end_the_connection_and_no_other()
    {
        await using var api = await ApiFixture.Start();
        using var flood = await api.Connect(Cancel);
        using var stream = new NetworkStream(flood);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/status HTTP/1.1\r\nHost: x\r\nX: {new string('x', 16 * 1024)}\r\n\r\n"),
            Cancel);
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 431 Request Header Fields Too Large", await reader.ReadLineAsync(Cancel));
        using var response = await api.Http.GetAsync("v1/status", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_configuration_is_printed_as_the_switch_gives_it()
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal(ConfigJson.Write(new SampleSwitch().Model), await api.Http.GetStringAsync("v1/config", Cancel));
    }

    private static async Task<List<string>> Walk(ApiFixture api, string path, int limit)
    {
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var address = $"{path}?limit={limit}" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
            var page = JsonNode.Parse(await api.Http.GetStringAsync(address, Cancel))!;
            var items = page["items"]!.AsArray();
            Assert.InRange(items.Count, 1, limit);
            all.AddRange(items.Select(item => item!.ToJsonString()));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);
        return all;
    }

    private static async Task<string> ProblemDetail(HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal("about:blank", (string?)problem["type"]);
        Assert.Equal(status, (int?)problem["status"]);
        return (string?)problem["detail"] ?? "";
    }
}
