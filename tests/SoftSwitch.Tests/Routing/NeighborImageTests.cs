using CsCheck;
using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Neighbors are known to the program that goes on, and it is as sure of them as the one before was.</summary>
public sealed class NeighborImageTests
{
    private static readonly Instant s_now = new(1_000_000);
    private static readonly MacAddress s_mac = MacAddress.Parse("02:00:00:00:00:01"), s_other = MacAddress.Parse("02:00:00:00:00:02");

    private readonly MemoryPort _port = new("port"), _station = new("station");

    [Fact]
    public void One_that_was_confirmed_is_sent_to_and_asked_again_when_it_would_have_been()
    {
        var after = Read(Write(Known(("10.0.0.1", s_mac, 0), ("10.0.0.2", s_other, 50_000))));
        Assert.Equal((Resolution.Send, s_mac), Resolve(after, "10.0.0.1", s_now));
        Assert.Equal((Resolution.Send, s_other), Resolve(after, "10.0.0.2", s_now));
        Assert.Equal((Resolution.SendAndAsk, s_other), Resolve(after, "10.0.0.2", new(s_now.Milliseconds + 11_000)));
        Assert.Equal(Resolution.HoldAndAsk, Resolve(after, "10.0.0.3", s_now).Result);
    }

    [Fact]
    public void One_that_is_being_asked_for_is_asked_again()
    {
        var before = Table();
        Assert.Equal(Resolution.HoldAndAsk, Resolve(before, "10.0.0.1", s_now).Result);
        Assert.Equal(Resolution.Hold, Resolve(before, "10.0.0.1", s_now).Result);
        Assert.Equal(Resolution.HoldAndAsk, Resolve(Read(Write(before)), "10.0.0.1", s_now).Result);
    }

    [Fact]
    public void What_was_heard_meanwhile_counts_more()
    {
        var after = Known(("10.0.0.1", s_other, 0));
        after.Read(new(Write(Known(("10.0.0.1", s_mac, 0)))), _station, s_now);
        Assert.Equal((Resolution.Send, s_other), Resolve(after, "10.0.0.1", s_now));
    }

    [Fact]
    public void Bytes_that_make_no_sense_break_nothing() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            var image = Write(Known([.. Enumerable.Range(1, 20).Select(i => ($"10.0.0.{i}", s_mac, (long)random.Next(100_000)))]));
            for (var changes = random.Next(1, 20); changes > 0; changes--)
                image[random.Next(image.Length)] = (byte)random.Next(256);
            var after = Table();
            try
            {
                after.Read(new(image.AsMemory(0, random.Next(image.Length + 1))), _station, s_now);
            }
            catch (InvalidDataException)
            {
                // That is said.
            }
            // Nobody is believed for longer than if he had been heard now, and all are forgotten.
            var neighbors = new List<Neighbor>();
            after.CopyTo(neighbors, new(s_now.Milliseconds + 60_000));
            Assert.DoesNotContain(neighbors, neighbor => neighbor.State == NeighborState.Reachable);
            after.Sweep(new(s_now.Milliseconds + 20 * 60_000), int.MaxValue);
            neighbors.Clear();
            after.CopyTo(neighbors, s_now);
            Assert.Empty(neighbors);
            Assert.False(after.HasDoubts);
        },
        iter: 500);

    private static Ipv4NeighborTable Table() => new(Subnet("10.0.0.0/24"), areGuests: true);

    private Ipv4NeighborTable Known(params (string Address, MacAddress Mac, long Age)[] neighbors)
    {
        var table = Table();
        foreach (var (address, mac, age) in neighbors)
            table.Learn(Ipv4Address.Parse(address), mac, _port, new(s_now.Milliseconds - age), create: true);
        return table;
    }

    private (Resolution Result, MacAddress Mac) Resolve(Ipv4NeighborTable table, string address, Instant now) =>
        (table.Resolve(Ipv4Address.Parse(address), _port, now, out var mac), mac);

    private static byte[] Write(Ipv4NeighborTable table)
    {
        using var image = new ImageWriter();
        table.Write(image, s_now);
        return image.Bytes.ToArray();
    }

    private Ipv4NeighborTable Read(byte[] image)
    {
        var table = Table();
        table.Read(new(image), _station, s_now);
        return table;
    }
}
