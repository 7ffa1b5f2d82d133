using System.Globalization;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.State;

/// <summary>Thousands of forwards by ports' names, half of them to guests that were known before.</summary>
public class ForwardTargetsTests
{
    private const int Guests = 400, ForwardsEach = 10, PolicyNumber = 5;

    private readonly RememberedLog _log = new();
    private Instant _now = new(1_000_000);

    [Fact]
    public void A_second_in_which_nothing_happens_makes_nothing()
    {
        var targets = Begin();
        Pass(targets, 5);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Pass(targets, 10);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_waits_and_what_leads_somewhere_are_told_apart_by_guest()
    {
        var targets = Begin();
        Assert.Equal(Guests * ForwardsEach, targets.Status.Count);
        Assert.Equal(Enumerable.Range(0, Guests * ForwardsEach).Select(i => 10_000 + i),
            targets.Status.Select(status => status.Forward.From.First));
        Assert.All(targets.Status, status => Assert.Equal(IsKnown(Number(status)) ? Address(Number(status)) : null, status.Target));
        Assert.Equal(Guests / 2 * ForwardsEach, targets.Of(PolicyNumber).Count);
        targets.TellWaiting();
        Assert.Equal(Guests / 2, _log.Lines.Count);
        Assert.Contains("dev: forwards tcp/10010, tcp/10011, tcp/10012, tcp/10013, tcp/10014 and 5 more wait: "
            + "no address of port p1 known yet", _log.Lines[0].Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_waits_no_packet_is_looked_up() => Assert.Same(WaitingForwards.None, WaitingForwards.Of([]));

    [Fact]
    public void What_could_not_be_told_to_a_translator_is_told_later()
    {
        var targets = Begin();
        using var translator = new Napt(new() { OutsideAddress = NatRig.Outside, Capacity = 100 });
        Ipv4Subnet.TryParse("203.0.113.0/24", out var subnet);
        var outside = new Outside(
            "dev.out", new(0x0253_0000_0002), NatRig.Outside, subnet, 1500, 1, translator, ownsAddress: true, new([]));
        targets.Renew();
        // It doesn't know the network yet.
        Assert.Throws<ArgumentException>(() => targets.ApplyChanged([outside], _now));
        translator.SetPolicy(PolicyNumber, new() { FirstPort = 40_000, LastPort = 40_009 }, _now);
        Assert.True(targets.Resolve(_now));
        targets.ApplyChanged([outside], _now);
        Assert.True(translator.Claims(NatRig.Outside, IpProtocol.Tcp, 10_000));
        Assert.False(targets.Resolve(_now));
    }

    [Fact]
    public void Of_several_that_have_a_port_each_at_an_address_of_its_own_the_host_reaches_the_first()
    {
        Ipv4Address one = new(0xC0000201), two = new(0xC0000202);
        ForwardModel Forward(Ipv4Address? on, uint guest, int first, int last) => new()
            { From = new(IpProtocol.Udp, first, last), On = on, Address = new(0x0A0A_0100 + guest), TargetPort = first };
        var targets = Begin([Forward(one, 1, 50, 59), Forward(two, 2, 53, 53), Forward(two, 3, 60, 60), Forward(null, 4, 70, 70)]);
        Assert.Equal<(int, Ipv4Address?)>([(1, null), (3, null), (4, null)], Leading(isToHost: true));
        Assert.Equal<(int, Ipv4Address?)>([(1, one), (2, two), (3, two), (4, null)], Leading(isToHost: false));
        targets.TellWaiting();
        Assert.Contains("forward udp/53 on 192.0.2.2 is not for the host itself", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);

        IEnumerable<(int, Ipv4Address?)> Leading(bool isToHost) =>
            targets.Of(PolicyNumber, isToHost).Select(forward => ((int)(forward.Inside.Value & 0xff), forward.On));
    }

    private void Pass(ForwardTargets targets, int seconds)
    {
        for (; seconds > 0; seconds--)
        {
            Assert.False(targets.Resolve(_now));
            targets.Release();
            _now += TimeSpan.FromSeconds(1);
        }
    }

    private static int Number(ForwardStatus status) => int.Parse(status.Forward.Port!.AsSpan(1), CultureInfo.InvariantCulture);

    private static bool IsKnown(int guest) => guest % 2 == 0;

    private static Ipv4Address Address(int guest) => new(Ipv4Address.Parse("10.10.1.0").Value + (uint)guest);

    private ForwardTargets Begin() => Begin(Enumerable.Range(0, Guests * ForwardsEach).Select(i =>
        new ForwardModel { From = new(IpProtocol.Tcp, 10_000 + i, 10_000 + i), Port = $"p{i / ForwardsEach}", TargetPort = 80 }));

    private ForwardTargets Begin(IEnumerable<ForwardModel> forwards)
    {
        Ipv4Subnet.TryParse("10.10.0.0/16", out var subnet);
        var gateway = new Gateway("dev.gateway", new(0x0253_0000_0001), subnet.First, subnet, 1500, 1, PolicyNumber);
        var network = new NetworkModel { Name = "dev", Mode = NetworkMode.Nat, Subnet = subnet, Gateway = subnet.First,
            Nat = new() { Forwards = [.. forwards] } };
        var memory = AddressMemory.None;
        for (var guest = 0; guest < Guests; guest++)
            memory.Remember("dev", $"p{guest}", IsKnown(guest) ? [Address(guest)] : []);
        return new(new() { Networks = [network], Ports = [] }, [new(network, gateway)], memory, () => [], _log);
    }
}
