using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>Networks, pools and forwards come, change and go by chance, under traffic.</summary>
public sealed class ChangeTests
{
    private const int Networks = 4, Steps = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_has_ended_is_told_once_what_goes_on_is_not_and_nothing_leaks(int seed)
    {
        var random = new Random(seed);
        using var rig = new NatRig(1000, new NaptPolicy());
        var there = new HashSet<int>();
        for (var step = 0; step < Steps; step++)
        {
            Talk(rig, random, there);
            var (before, ended) = (Open(rig), new List<OpenFlow>());
            Change(rig, random, there, ended);
            var after = Open(rig);
            // Whoever was there is there or was told of.
            Assert.Equal(before.Order(), after.Concat(ended.Select(Text)).Order());
            Assert.All(rig.Flows, flow => Assert.True(flow.Policy == 0 || there.Contains(flow.Policy)));
        }
        foreach (var number in there)
            rig.Napt.RemovePolicy(number, rig.Now);
        rig.Napt.RemovePolicy(0, rig.Now);
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
        Assert.DoesNotContain(Enumerable.Range(1, 65_535), port => rig.Napt.Claims(NatRig.Outside, IpProtocol.Tcp, (ushort)port));
    }

    private static void Change(NatRig rig, Random random, HashSet<int> there, List<OpenFlow> ended)
    {
        var number = random.Next(1, Networks);
        switch (random.Next(5))
        {
            case 2:
                rig.Napt.EndFlowsOf(number, new HashSet<ushort> { 1 }, rig.Now, ended);
                break;
            case 0 when there.Remove(number):
                rig.Napt.RemovePolicy(number, rig.Now, ended);
                break;
            case 1 when there.Contains(number):
                NaptForward[] forwards = [.. Enumerable.Range(0, random.Next(4)).Select(i => new NaptForward(
                    new(random.Next(2) == 0 ? IpProtocol.Tcp : IpProtocol.Udp, 1000 * number + i, 1000 * number + i),
                    Ipv4Address.Parse($"10.{number}.0.{random.Next(5, 7)}"), 80, random.Next(3) == 0 ? NatRig.Outside : null))];
                rig.Napt.SetForwards(number, forwards, rig.Now, ended);
                break;
            default:
                there.Add(number);
                var first = (ushort)random.Next(20_000, 20_100);
                rig.Napt.SetPolicy(number, new()
                {
                    FirstPort = first, LastPort = (ushort)(first + random.Next(10, 100)), Filtering = (NaptFiltering)random.Next(3),
                }, rig.Now, ended);
                break;
        }
    }

    private static void Talk(NatRig rig, Random random, HashSet<int> there)
    {
        for (var i = 0; i < 20; i++)
        {
            var number = there.Count == 0 || random.Next(3) == 0 ? 0 : there.ElementAt(random.Next(there.Count));
            var guest = $"10.{number}.0.{random.Next(5, 7)}";
            switch (random.Next(3))
            {
                case 0:
                    rig.Outbound($"udp {guest}:{random.Next(4000, 4010)} > 192.0.2.7:5000", policy: number, port: random.Next(3));
                    break;
                case 1 when number > 0:
                    var port = 1000 * number + random.Next(4);
                    if (rig.Inbound($"udp 192.0.2.8:{random.Next(4000, 4010)} > 203.0.113.1:{port}").Verdict == NaptVerdict.Translated)
                        rig.Outbound($"udp {guest}:80 > 192.0.2.8:{random.Next(4000, 4010)}", policy: number, port: random.Next(3));
                    break;
                default:
                    var (from, to) = ($"{guest}:{random.Next(4000, 4010)}", "192.0.2.7:443");
                    var syn = rig.Outbound($"tcp {from} > {to} S seq=100", policy: number, port: random.Next(3));
                    if (syn.Verdict == NaptVerdict.Translated)
                    {
                        rig.Inbound($"tcp {to} > 203.0.113.1:{NatPacket.Read(syn.Frame).SourcePort} SA seq=500 ack=101");
                        rig.Outbound($"tcp {from} > {to} A seq=101 ack=501", policy: number, port: random.Next(3));
                    }
                    break;
            }
        }
    }

    private static List<string> Open(NatRig rig)
    {
        var open = new List<OpenFlow>();
        rig.Napt.CopyOpenTo(open, 0, rig.Napt.SlotCount, rig.Now);
        return open.ConvertAll(Text);
    }

    private static string Text(OpenFlow flow) => $"{flow}";
}
