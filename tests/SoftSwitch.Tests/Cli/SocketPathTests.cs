using System.Net.Sockets;
using SoftSwitch.Cli;
using SoftSwitch.Errors;
using SoftSwitch.Tests.Api;

namespace SoftSwitch.Tests.Cli;

public class SocketPathTests
{
    [Theory]
    [InlineData("/a", "/b", "/run/user/7", 0, "/a")]
    [InlineData(null, "/b", "/run/user/7", 0, "/b")]
    [InlineData(null, null, "/run/user/7", 0, "/run/softswitch/control.sock")]
    [InlineData(null, "", "/x", 7, "/x/softswitch.sock")]
    [InlineData(null, null, null, 7, "/run/user/7/softswitch.sock")]
    public void The_socket_is_the_one_named_or_the_users_own(string? option, string? variable, string? runtime, int user, string expected)
    {
        Assert.Equal(expected,
            SocketPath.ForSwitch(option, name => name == "SOFTSWITCH_SOCKET" ? variable : runtime, (uint)user, _ => true));
    }

    /// <summary>A client that nobody told where to ask looks at the user's own place first and then at the system's; one that was told
    /// looks nowhere else.</summary>
    [Theory]
    [InlineData("/a", "/b", "/run/user/7", 7, true, "/a")]
    [InlineData(null, "/b", "/run/user/7", 7, true, "/b")]
    [InlineData(null, "/b", "/run/user/0", 0, true, "/b")]
    [InlineData(null, null, "/run/user/0", 0, true, "/run/softswitch/control.sock")]
    [InlineData(null, null, null, 0, true, "/run/softswitch/control.sock")]
    [InlineData(null, null, "/x", 7, true, "/x/softswitch.sock /run/softswitch/control.sock")]
    [InlineData(null, null, null, 7, true, "/run/user/7/softswitch.sock /run/softswitch/control.sock")]
    [InlineData(null, "", "", 7, false, "/run/softswitch/control.sock")]
    [InlineData(null, null, null, 7, false, "/run/softswitch/control.sock")]
    public void A_client_asks_where_a_switch_can_be(string? option, string? variable, string? runtime, int user, bool hasFolder,
        string expected)
    {
        Assert.Equal(expected.Split(' '),
            SocketPath.ForClient(option, name => name == "SOFTSWITCH_SOCKET" ? variable : runtime, (uint)user, _ => hasFolder).Places);
    }

    [Fact]
    public async Task The_second_place_is_asked_where_nobody_answers_at_the_first_and_both_are_named_where_nobody_answers_at_all()
    {
        await using var api = await ApiFixture.Start();
        var nowhere = api.Path + "-none";
        using var client = new ControlClient(new() { Places = [nowhere, api.Path] });
        Assert.Contains("vm1", await client.Text("v1/ports", TestContext.Current.CancellationToken));
        using var lost = new ControlClient(new() { Places = [nowhere, nowhere + "2"] });
        var refused = await Assert.ThrowsAsync<CommandException>(() => lost.Text("v1/ports", TestContext.Current.CancellationToken));
        Assert.Equal((3, $"no running switch answers on {nowhere} or {nowhere}2 (start one with: softswitch run FILE)"),
            (refused.Status, refused.Message));
    }

    /// <summary>As at a planned restart: nobody was killed, and a change may have been made.</summary>
    [Fact]
    public async Task One_that_goes_before_it_answers_is_said_to_have_gone()
    {
        var path = Path.Combine(Path.GetTempPath(), $"ss-{Guid.NewGuid():n}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        // With what was asked unread the client's end is reset; read, it ends.
        foreach (var isRead in (bool[])[true, false])
        {
            using var client = new ControlClient(new() { Places = [path] });
            var asked = client.Send(HttpMethod.Patch, "v1/ports/vm1", "{}", "application/merge-patch+json",
                TestContext.Current.CancellationToken);
            using (var end = await listener.AcceptAsync(TestContext.Current.CancellationToken))
            {
                if (isRead)
                    await end.ReceiveAsync(new byte[4096], TestContext.Current.CancellationToken);
                else
                    end.Poll(TimeSpan.FromSeconds(10), SelectMode.SelectRead);
            }
            var refused = await Assert.ThrowsAsync<CommandException>(() => asked);
            Assert.Contains("was restarted or has ended before it answered", refused.Message, StringComparison.Ordinal);
            Assert.True(refused.MayPass);
        }
        File.Delete(path);
    }

    [Fact]
    public void An_empty_option_is_a_mistake() =>
        Assert.Equal(2, Assert.Throws<CommandException>(() => SocketPath.ForClient("", _ => null, 0, _ => true)).Status);

    [Fact]
    public void Without_any_place_of_the_users_own_the_cure_is_named()
    {
        var mistake = Assert.Throws<CommandException>(() => SocketPath.ForSwitch(null, _ => null, 7, _ => false));
        Assert.Equal(2, mistake.Status);
        Assert.Contains("--socket PATH or SOFTSWITCH_SOCKET", mistake.Message);
    }
}
