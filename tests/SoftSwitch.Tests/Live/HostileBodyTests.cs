using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace SoftSwitch.Tests.Live;

/// <summary>What clients send to change something, right or wrong: it is applied, or refused with every mistake, and nothing else
/// happens.</summary>
public sealed class HostileBodyTests
{
    private static readonly string[] s_words =
    [
        "name", "network", "kind", "mtu", "mac", "guard", "admin", "comment", "netns", "address", "interface", "mode", "subnet", "dhcp",
        "forwards", "from", "to", "flow-log", "guest", "tap", "dev", "lab", "vm1", "x", "internal", "nat", "10.0.0.0/24", "tcp/80",
        "web:22",
        "vm[1-3]", "vm[1-99999999]", "a,b", "", "off", "down", "\u0000", "\ud800", "$(reboot)", "../../etc/passwd",
    ];

    [Fact]
    public async Task Any_body_is_applied_or_refused_in_the_house_s_manner()
    {
        await using var live = await LiveFixture.Start();
        var random = new Random(20_26);
        string[] targets = ["POST v1/ports", "PATCH v1/ports/vm1", "POST v1/networks", "PATCH v1/networks/dev", "POST v1/forwards"];
        for (var i = 0; i < 3_000; i++)
        {
            var target = targets[random.Next(targets.Length)].Split(' ');
            var body = Value(random, 0);
            if (random.Next(4) == 0 && body.Length > 1)
                body = body.Remove(random.Next(body.Length), 1);
            var before = live.Switch.Model;
            var (status, answer, response) = await live.Ask(target[0], target[1], body, ifMatch: target[0] == "PATCH" ? "*" : null);
            Assert.True(status is 200 or 201 or 400 or 404 or 409 or 422, $"{status} for {string.Join(' ', target)} {body}");
            Assert.Equal(status < 300 ? "application/json" : "application/problem+json", response.Content.Headers.ContentType!.MediaType);
            if (status >= 300)
            {
                Assert.Same(before, live.Switch.Model);
                Assert.DoesNotContain('\n', (string)answer!["detail"]!);
                Assert.All(answer["errors"]?.AsArray() ?? [], error => Assert.DoesNotContain('\n', (string)error!));
            }
        }
        Assert.Equal(200, (await live.Ask("GET", "v1/config")).Status);
    }

    [Theory]
    [InlineData("""{"name":"vm9","network":"dev","kind":"guest","mtuu":1400,"mac":"x"}""", 422,
        "run-time port vm9: unknown key 'mtuu': did you mean 'mtu'?", "run-time port vm9: 'mac': 'x' is not ")]
    [InlineData("""{"name":"Vm9!","kind":"guest"}""", 422, "port: 'Vm9!' is not ")]
    [InlineData("""{"network":"dev","kind":"guest"}""", 422, "port: 'name' is missing: write a name for it")]
    [InlineData("""{"name":"vm9","network":"dev","kind":"guest","kind":"tap"}""", 422,
        "port: key 'kind' stands there twice: keep one of them")]
    [InlineData("""{"name":"vm9","network":"dev","kind":"guest","mtu":true}""", 422, "port: 'mtu': true is no value of any key: ")]
    [InlineData("""{"name":"vm9","network":"nowhere","kind":"guest"}""", 422, "run-time port vm9: there is no network 'nowhere'")]
    [InlineData("""[]""", 400)]
    [InlineData("""{""", 400)]
    public async Task Every_mistake_is_a_line(string body, int status, params string[] errors)
    {
        await using var live = await LiveFixture.Start();
        var (answered, problem, _) = await live.Ask("POST", "v1/ports", body);
        Assert.Equal(status, answered);
        var told = problem!["errors"]?.AsArray().Select(error => (string)error!).ToList() ?? [];
        Assert.Equal(errors.Length, told.Count);
        Assert.All(errors.Zip(told), pair => Assert.StartsWith(pair.First, pair.Second));
    }

    [Fact]
    public async Task A_lost_update_is_refused()
    {
        await using var live = await LiveFixture.Start();
        var seen = (await live.Ask("GET", "v1/ports/vm1")).Response.Headers.ETag!.ToString();
        var all = (await live.Ask("GET", "v1/config")).Response.Headers.ETag!.ToString();
        Assert.Equal(428, (await live.Ask("PATCH", "v1/ports/vm1", """{"comment":"mine"}""")).Status);
        var (status, _, response) = await live.Ask("PATCH", "v1/ports/vm1", """{"comment":"mine"}""", ifMatch: seen);
        Assert.Equal(200, status);
        Assert.NotEqual(seen, response.Headers.ETag!.ToString());
        Assert.Equal(412, (await live.Ask("PATCH", "v1/ports/vm1", """{"comment":"theirs"}""", ifMatch: seen)).Status);
        Assert.Equal(412, (await live.Ask("DELETE", "v1/ports/vm1", ifMatch: seen)).Status);
        Assert.Equal(412, (await live.Ask("POST", "v1/ports", """{"name":"x","network":"dev","kind":"guest"}""", ifMatch: all)).Status);
        Assert.Equal("mine", live.Switch.Model.Ports[0].Comment);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/vm1", ifMatch: response.Headers.ETag.ToString())).Status);
        using var again = new HttpRequestMessage(HttpMethod.Get, "v1/config");
        again.Headers.IfNoneMatch.Add(new((await live.Ask("GET", "v1/config")).Response.Headers.ETag!.Tag));
        Assert.Equal(304, (int)(await live.Api.Http.SendAsync(again, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_body_of_another_type_or_too_long_is_refused()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(415, (await live.Ask("POST", "v1/ports", "name=vm9", "application/x-www-form-urlencoded")).Status);
        Assert.Equal(422, (await live.Ask("POST", "v1/reload", new string('#', 900_000), "application/yaml")).Status);
        // A length alone is enough: nothing of the body is waited for.
        foreach (var (path, length) in ((string, int)[])[("ports", 70_000), ("reload", 1_100_000)])
        {
            using var socket = await live.Api.Connect(TestContext.Current.CancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"),
                TestContext.Current.CancellationToken);
            var answer = new byte[4096];
            var read = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
            Assert.StartsWith("HTTP/1.1 413", Encoding.ASCII.GetString(answer, 0, read));
        }
        Assert.Equal(400, (await live.Ask("POST", "v1/ports?ttl=soon", "{}")).Status);
    }

    /// <summary>Who is slow to send holds up nobody else, not even of the same user.</summary>
    [Fact]
    public async Task A_body_that_does_not_come_holds_up_nobody()
    {
        await using var live = await LiveFixture.Start();
        var slow = new List<Socket>();
        for (var i = 0; i < 6; i++)
        {
            slow.Add(await live.Api.Connect(TestContext.Current.CancellationToken));
            await slow[i].SendAsync(Encoding.ASCII.GetBytes("POST /v1/ports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 1000\r\n\r\n{"), TestContext.Current.CancellationToken);
        }
        for (var i = 0; i < 20; i++)
            Assert.Equal(201, (await live.Ask("POST", "v1/ports", $$"""{"name":"p{{i}}","network":"dev","kind":"guest"}""")).Status);
        slow.ForEach(socket => socket.Dispose());
    }

    private static string Value(Random random, int depth) => random.Next(depth == 0 ? 1 : depth > 3 ? 4 : 7) switch
    {
        0 when depth < 4 => $"{{{string.Join(',', Enumerable.Range(0, random.Next(7))
            .Select(_ => $"{Word(random)}:{Value(random, depth + 1)}"))}}}",
        1 => random.Next(-5, 70_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        2 => random.Next(3) switch { 0 => "null", 1 => "true", _ => "1e99" },
        3 or 4 or 0 => Word(random),
        _ => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1)))}]",
    };

    private static string Word(Random random) => JsonSerializer.Serialize(s_words[random.Next(s_words.Length)]);
}
