using System.Net.Sockets;
using System.Text;
using SoftSwitch.Api;
using SoftSwitch.Bounds;

namespace SoftSwitch.Tests.Api;

/// <summary>Nobody keeps others out of the control socket.</summary>
public sealed class HostileClientTests
{
    [Fact]
    public async Task Whoever_asks_and_does_not_read_is_cut_off_and_keeps_nobody_out()
    {
        await using var api = await ApiFixture.Start();
        var cancel = TestContext.Current.CancellationToken;
        var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", 20)));
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < ProgramLimits.Clients.Most; i++)
            {
                silent.Add(await api.Connect(cancel));
                await silent[i].SendAsync(many, cancel);
            }
            Assert.Equal(System.Net.HttpStatusCode.OK, (await api.Http.GetAsync("openapi.json", cancel)).StatusCode);
            await Task.Delay(PatientWriter.Patience + TimeSpan.FromSeconds(1), cancel);
            Assert.Equal(System.Net.HttpStatusCode.OK, (await api.Http.GetAsync("openapi.json", cancel)).StatusCode);
            // Of what it asked for it has only what the kernel had room for.
            var bytes = 0;
            var buffer = new byte[1 << 16];
            try
            {
                for (int read; (read = await silent[^1].ReceiveAsync(buffer, cancel)) > 0;)
                    bytes += read;
            }
            catch (SocketException)
            {
                // Cut off.
            }
            var whole = (await api.Http.GetByteArrayAsync("openapi.json", cancel)).Length;
            Assert.InRange(bytes, 1, 19 * whole);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Whoever_comes_gets_in_however_many_stay()
    {
        await using var api = await ApiFixture.Start();
        var cancel = TestContext.Current.CancellationToken;
        var staying = new List<Socket>();
        try
        {
            for (var i = 0; i < 4 * ProgramLimits.Clients.Most; i++)
            {
                staying.Add(await api.Connect(cancel));
                await staying[i].SendAsync("GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), cancel);
                var answer = new byte[4096];
                Assert.InRange(await staying[i].ReceiveAsync(answer, cancel), 1, answer.Length);
                Assert.StartsWith("HTTP/1.1 404", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
            }
        }
        finally
        {
            staying.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Who comes and goes is faster than any switch can speak with him.</summary>
    [Fact]
    public async Task Who_has_gone_before_he_is_let_in_takes_no_place()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("ss");
        try
        {
            var end = new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "s"));
            using var socket = New();
            socket.Bind(end);
            socket.Listen(512);
            await using var listener = new ControlListener(end, socket);
            for (var i = 0; i < 2 * ProgramLimits.Clients.Most; i++)
            {
                using var gone = New();
                await gone.ConnectAsync(end, cancel);
            }
            using var there = New();
            await there.ConnectAsync(end, cancel);
            await there.SendAsync("x"u8.ToArray(), cancel);
            var connection = await listener.AcceptAsync(cancel);
            var read = await connection!.Transport.Input.ReadAsync(cancel);
            Assert.Equal("x", Encoding.ASCII.GetString(read.Buffer));
            await connection.DisposeAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static Socket New() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    }

    [Theory]
    [InlineData("GET /openapi.json HTTP/1.0\r\n\r\n", "HTTP/1.1 200")]
    [InlineData("GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 200")]
    [InlineData("GET /openapi.json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "HTTP/1.1 400")]
    [InlineData("POST /v1/ports HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n", "HTTP/1.1 413")]
    [InlineData("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("\0\0\0\0\r\n\r\n", "HTTP/1.1 400")]
    public async Task Odd_requests_cost_their_connection_and_no_more(string request, string answer)
    {
        await using var api = await ApiFixture.Start();
        var cancel = TestContext.Current.CancellationToken;
        for (var i = 0; i < 100; i++)
        {
            using var socket = await api.Connect(cancel);
            await socket.SendAsync(Encoding.ASCII.GetBytes(request), cancel);
            if (i == 0)
            {
                var head = new byte[answer.Length];
                for (var read = 0; read < head.Length;)
                    read += await socket.ReceiveAsync(head.AsMemory(read), cancel) is var more and > 0
                        ? more : throw new EndOfStreamException();
                Assert.Equal(answer, Encoding.ASCII.GetString(head));
            }
        }
        Assert.Equal(System.Net.HttpStatusCode.OK, (await api.Http.GetAsync("openapi.json", cancel)).StatusCode);
    }
}
