using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Control;

/// <summary>Who follows a real switch hears what happens to it, also over a reload; who doesn't read holds nobody up.</summary>
public sealed class EventTests : IDisposable
{
    private readonly NetNs _host = new("host"), _guest = new("guest");

    public void Dispose()
    {
        _guest.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void What_happens_is_told_as_it_happens()
    {
        Need.Tun();
        using var started = SoftSwitchProcess.Start(Config(""), _host);
        using var follower = Follow(started, "--json");
        Eventually.Holds(() => _guest.Exec("ip", ["link", "show", "eth0"]).ExitStatus == 0);
        // The first look is what the others are held against.
        Thread.Sleep(1000);
        started.Reload(Config($$"""
              vm2: { network: lab, kind: tap, netns: {{_guest.Name}}, interface: eth1, address: auto }
            """));
        Seen(follower, "config", "changed", null);
        Seen(follower, "port", "added", "vm2");
        _guest.Exec("ping", ["-c", "1", "-W", "2", "192.168.77.1"]).Succeeded();
        Seen(follower, "station", "added", null);
        _guest.Exec("ip", ["link", "set", "eth0", "down"]).Succeeded();
        Seen(follower, "port", "changed", "vm1");
        started.Reload(Config(""));
        Seen(follower, "port", "removed", "vm2");
        started.Terminate();
    }

    [Fact]
    public void A_reader_that_never_reads_is_cut_off_and_the_others_hear_everything()
    {
        Need.Tun();
        using var started = SoftSwitchProcess.Start(Config(""), _host);
        using var follower = Follow(started, "--topic", "port");
        var silent = Enumerable.Range(0, 8).Select(_ => Ask(started)).ToList();
        Thread.Sleep(1000);
        for (var i = 0; i < 6; i++)
        {
            var state = i % 2 == 0 ? "down" : "up";
            _guest.Exec("ip", ["link", "set", "eth0", state]).Succeeded();
            Eventually.Holds(() => follower.Output.Count(line => line.Contains("port vm1: ", StringComparison.Ordinal)) == i + 1);
        }
        Assert.Equal(0, started.Client("show", "ports").ExitStatus);
        silent.ForEach(socket => socket.Dispose());
        started.Terminate();
    }

    private string Config(string more) => $$"""
        networks:
          lab: { mode: host-only, subnet: 192.168.77.0/24 }
        ports:
          vm1: { network: lab, kind: tap, netns: {{_guest.Name}}, interface: eth0, address: 192.168.77.9/24 }
        {{more}}
        """;

    private BackgroundProcess Follow(SoftSwitchProcess started, params string[] options) =>
        _host.Start(PublishedExecutable.Path, ["show", "events", .. options, "--socket", started.Socket]);

    private static Socket Ask(SoftSwitchProcess started)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(started.Socket));
        socket.Send(Encoding.ASCII.GetBytes("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n"));
        return socket;
    }

    private static void Seen(BackgroundProcess follower, string topic, string change, string? port) => Eventually.Holds(() =>
        follower.Output.Any(line =>
        {
            using var document = JsonDocument.Parse(line);
            var told = document.RootElement;
            return told.GetProperty("topic").GetString() == topic && told.GetProperty("change").GetString() == change
                && (port is null || told.GetProperty("port").GetProperty("name").GetString() == port);
        }));

}
