using SoftSwitch.Linux;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.SystemTests.Peers;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>The test is the guest: it holds the tap. The host's stack is that of a namespace with a second interface and forwarding
/// on.</summary>
[Collection(typeof(AloneOnTheMachine))]
public class SealTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1.5);

    [Fact]
    public void Without_the_seal_the_host_talks_to_the_guest()
    {
        using var guest = GuestTap.Make(seal: false);
        var heard = new List<string>();
        // The host's link-local address needs a moment until it is its own.
        for (var attempt = 0; attempt < 10 && !heard.Contains("icmpv6 129"); attempt++)
        {
            guest.AskEverything();
            heard.AddRange(guest.Listen(Silence));
        }
        // The control experiment: what the other test doesn't hear is there to be heard.
        Assert.Contains("arp reply 10.9.0.1", heard);
        Assert.Contains("arp reply 192.0.2.1", heard);
        Assert.Contains("icmp 0", heard);
        Assert.Contains("icmpv6 129", heard);
        Assert.Contains("icmpv6 143", heard);
    }

    [Fact]
    public void Behind_the_seal_the_host_neither_answers_nor_speaks()
    {
        using var guest = GuestTap.Make(seal: true);
        Assert.True(Seal.IsIntact(guest.Links, guest.Index));
        guest.AskEverything();
        Assert.Empty(guest.Listen(Silence));
    }

    [Fact]
    public void Only_a_socket_with_our_mark_sends_through_the_seal()
    {
        using var guest = GuestTap.Make(seal: true);
        using var ours = guest.OpenPacketSocket(SocketMark.Port);
        using var others = guest.OpenPacketSocket(0);
        guest.AskEverything();
        Assert.Contains("arp request 10.9.0.1", ours.Received());
        others.Send(GuestTap.ArpRequest("192.0.2.77"));
        ours.Send(GuestTap.ArpRequest("192.0.2.99"));
        Assert.Equal(["arp request 192.0.2.99"], guest.Listen(Silence));
    }

    [Fact]
    public void A_seal_holds_when_it_is_put_on_twice()
    {
        using var guest = GuestTap.Make(seal: true);
        Seal.Apply(guest.Links, guest.Index);
        Assert.True(Seal.IsIntact(guest.Links, guest.Index));
        guest.AskEverything();
        Assert.Empty(guest.Listen(Silence));
    }

    [Theory]
    [InlineData(PktSched.TC_H_MIN_INGRESS)]
    [InlineData(PktSched.TC_H_MIN_EGRESS)]
    public void A_seal_that_lost_a_filter_is_broken_until_it_is_renewed(uint side)
    {
        using var guest = GuestTap.Make(seal: true);
        var request = new MessageBuilder(stackalloc byte[128], RTM_DELTFILTER, 0);
        request.Append(new tcmsg { tcm_ifindex = guest.Index, tcm_parent = (PktSched.TC_H_CLSACT & PktSched.TC_H_MAJ_MASK) | side });
        guest.Links.Change(request.Message, "RTM_DELTFILTER", "a filter");
        Assert.False(Seal.IsIntact(guest.Links, guest.Index));
        Seal.Apply(guest.Links, guest.Index);
        Assert.True(Seal.IsIntact(guest.Links, guest.Index));
    }

    [Fact]
    public void A_seal_that_lost_everything_is_broken_until_it_is_renewed()
    {
        using var guest = GuestTap.Make(seal: true);
        var request = new MessageBuilder(stackalloc byte[128], RTM_DELQDISC, 0);
        request.Append(new tcmsg
        {
            tcm_ifindex = guest.Index,
            tcm_handle = PktSched.TC_H_CLSACT & PktSched.TC_H_MAJ_MASK,
            tcm_parent = PktSched.TC_H_CLSACT,
        });
        guest.Links.Change(request.Message, "RTM_DELQDISC", "clsact");
        Assert.False(Seal.IsIntact(guest.Links, guest.Index));
        Seal.Apply(guest.Links, guest.Index);
        Assert.True(Seal.IsIntact(guest.Links, guest.Index));
        guest.AskEverything();
        Assert.Empty(guest.Listen(Silence));
    }

    [Fact]
    public void An_interface_without_a_seal_or_that_is_gone_is_not_intact()
    {
        using var guest = GuestTap.Make(seal: false);
        Assert.False(Seal.IsIntact(guest.Links, guest.Index));
        Assert.False(Seal.IsIntact(guest.Links, 4711));
        Assert.Throws<SystemCallException>(() => Seal.Apply(guest.Links, 4711));
    }

    [Fact]
    public void A_filter_before_ours_breaks_the_seal()
    {
        Need.Tool("tc");
        using var guest = GuestTap.Make(seal: true);
        // Ours has the first place of all; another can only come before it by taking it.
        guest.Run(["tc", "filter", "del", "dev", "vm1", "ingress", "pref", "1"]);
        guest.Run(["tc", "filter", "add", "dev", "vm1", "ingress", "pref", "1", "bpf", "bytecode", "1,6 0 0 0", "direct-action"]);
        guest.Run(["tc", "filter", "add", "dev", "vm1", "ingress", "pref", "2", "bpf", "bytecode", "1,6 0 0 2", "direct-action"]);
        Assert.False(Seal.IsIntact(guest.Links, guest.Index));
    }
}
