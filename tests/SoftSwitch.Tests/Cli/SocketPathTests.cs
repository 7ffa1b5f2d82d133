using SoftSwitch.Cli;

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
        Assert.Equal(expected, SocketPath.Resolve(option, name => name == "SOFTSWITCH_SOCKET" ? variable : runtime, (uint)user, _ => true));
    }

    [Fact]
    public void Without_any_place_of_the_users_own_the_cure_is_named()
    {
        var mistake = Assert.Throws<CommandException>(() => SocketPath.Resolve(null, _ => null, 7, _ => false));
        Assert.Equal(2, mistake.Status);
        Assert.Contains("--socket PATH or SOFTSWITCH_SOCKET", mistake.Message);
    }
}
