using System.Net.Sockets;
using System.Text;
using SoftSwitch.Api;

namespace SoftSwitch.Tests.Api;

/// <summary>Nobody keeps others out of the control socket.</summary>
public sealed class ConnectionPlacesTests
{
    [Fact]
    public void One_user_can_have_no_more_than_his_share_and_root_gets_in_always()
    {
        var places = new ConnectionPlaces();
        var gone = 0;
        var first = places.Take(1000, () => gone++);
        for (var i = 1; i < ConnectionPlaces.OfOne; i++)
            Assert.NotNull(places.Take(1000, () => gone++));
        Assert.Null(places.Take(1000, () => gone++));
        Assert.NotNull(places.Take(1001, () => gone++));
        first!.Dispose();
        Assert.NotNull(places.Take(1000, () => gone++));
        Assert.Equal(0, gone);

        for (uint i = 0; i < 2 * ConnectionPlaces.OfAll; i++)
            _ = places.Take(2000 + i, () => gone++);
        Assert.Null(places.Take(5000, () => gone++));
        for (var i = 0; i < ConnectionPlaces.OfAll; i++)
            Assert.NotNull(places.Take(0, () => gone++));
        Assert.Equal(0, gone);
        Assert.NotNull(places.Take(0, () => gone++));
        Assert.Equal(1, gone);
    }

    [Fact]
    public async Task Whoever_asks_and_does_not_read_is_cut_off_and_keeps_nobody_out()
    {
        await using var api = await ApiFixture.Start();
        var cancel = TestContext.Current.CancellationToken;
        var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", 20)));
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < ConnectionPlaces.OfAll; i++)
            {
                silent.Add(await api.Connect(cancel));
                await silent[i].SendAsync(many, cancel);
            }
            if (Environment.IsPrivilegedProcess)
                Assert.Equal(System.Net.HttpStatusCode.OK, (await api.Http.GetAsync("openapi.json", cancel)).StatusCode);
            else
                Assert.Contains("the switch is busy",
                    await (await api.Http.GetAsync("openapi.json", cancel)).Content.ReadAsStringAsync(cancel));
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
}
