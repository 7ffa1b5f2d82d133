using System.Runtime.InteropServices;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Tests.Linux;

/// <summary>A refusal advises what this machine has, and nothing else.</summary>
public class RemedyTests
{
    private const uint Root = 0, Anna = 1000;

    [Theory]
    [InlineData(Anna, "sudo doas", "use sudo")]
    [InlineData(Anna, "doas", "use doas")]
    [InlineData(Anna, "", "run it as root")]
    [InlineData(Root, "sudo", "run it as root")]
    public void Root_is_reached_by_what_is_installed(uint user, string programs, string advice) =>
        Assert.Equal(advice, Of(user, programs).Root);

    [Theory]
    [InlineData(Anna, "sudo setcap", "use sudo, or give it the right: sudo setcap cap_net_admin,cap_net_raw+ep /opt/softswitch")]
    [InlineData(Anna, "setcap", "run it as root, or give it the right: setcap cap_net_admin,cap_net_raw+ep /opt/softswitch")]
    [InlineData(Anna, "sudo", "use sudo")]
    [InlineData(Anna, "", "run it as root")]
    [InlineData(Root, "sudo setcap",
        "root lacks CAP_NET_ADMIN here: in a container, start that with --cap-add NET_ADMIN; in a user namespace, run it outside")]
    public void A_capability_is_advised_where_it_can_be_given(uint user, string programs, string advice) =>
        Assert.Equal(advice, Of(user, programs).Capability(Capability.NetAdmin));

    [Fact]
    public void The_runtime_s_own_program_is_given_no_capability() =>
        Assert.Equal("use sudo", new Remedy(Anna, _ => true, null, []).Capability(Capability.NetRaw));

    [Theory]
    [InlineData("sudo usermod", "softswitch", false, "use sudo, or join its group: sudo usermod -aG softswitch anna, then log in again")]
    [InlineData("doas addgroup", "softswitch", false, "use doas, or join its group: doas addgroup anna softswitch, then log in again")]
    [InlineData("", "softswitch", false, "run it as root, or join the group softswitch")]
    [InlineData("sudo usermod", null, false, "use sudo")]
    [InlineData("sudo usermod", "softswitch", true,
        "anna is in the group softswitch, but was not yet when this session began: log in again, or use sudo")]
    public void A_group_is_advised_where_there_is_one(string programs, string? group, bool isListed, string advice) =>
        Assert.Equal(advice, Of(Anna, programs).Group(group, "anna", isListed));

    /// <summary>setcap replaces what a file has: one line for each would take away what the one before has given.</summary>
    [Fact]
    public void What_is_advised_is_all_that_is_needed_and_what_was_missing()
    {
        var remedy = new Remedy(Anna, programs => programs == "setcap", "/opt/softswitch",
            [Capability.NetAdmin, Capability.NetRaw, Capability.SysAdmin]);
        Assert.EndsWith("setcap cap_net_admin,cap_net_raw,cap_sys_admin+ep /opt/softswitch", remedy.Capability(Capability.NetRaw));
        Assert.EndsWith("setcap cap_net_bind_service,cap_net_admin,cap_net_raw,cap_sys_admin+ep /opt/softswitch",
            remedy.Capability(Capability.NetBindService));
    }

    [Fact]
    public void Looking_for_a_cure_does_not_change_what_was_refused()
    {
        Marshal.SetLastPInvokeError(Errno.EPERM);
        var refused = Assert.Throws<SystemCallException>(() => SystemCallException.ThrowLast("socket", "packet socket on x", errno =>
        {
            Marshal.SetLastPInvokeError(Errno.ENOENT);
            return $"cure for {errno}";
        }));
        Assert.Equal("packet socket on x: operation not permitted (cure for 1)", refused.Message);
    }

    private static Remedy Of(uint user, string programs) =>
        new(user, programs.Split(' ').Contains, "/opt/softswitch", [Capability.NetAdmin, Capability.NetRaw]);
}
