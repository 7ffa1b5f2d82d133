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

    private readonly MemoryPort _port = new("port"), _modest = new("modest"), _station = new("station");

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
        after.Read(new(Write(Known(("10.0.0.1", s_mac, 0)))), _ => null, _station, s_now);
        Assert.Equal((Resolution.Send, s_other), Resolve(after, "10.0.0.1", s_now));
    }

    /// <summary>A table that is full takes from the port with the most, and of its neighbors the one that was confirmed longest
    /// ago.</summary>
    [Fact]
    public void Each_counts_for_the_port_that_it_counted_for_and_the_oldest_goes_first()
    {
        const int places = 16_384;
        var (before, after) = (new Ipv4NeighborTable(Subnet("192.0.2.0/24"), areGuests: false),
            new Ipv4NeighborTable(Subnet("192.0.2.0/24"), areGuests: false));
        for (uint i = 0; i < places; i++)
        {
            // The first has been confirmed again.
            var age = i == 0 ? 0 : 50_000 - i;
            before.Learn(new(0x0A00_0000 + i), s_mac, i < 100 ? _modest : _port, new(s_now.Milliseconds - age), create: true);
        }
        using var image = new ImageWriter();
        Assert.Equal(places, before.Write(image, s_now));
        after.Read(new(image.Memory), name => name == _port.Name ? _port : name == _modest.Name ? _modest : null, _station, s_now);
        foreach (var table in (Ipv4NeighborTable[])[before, after])
        {
            for (uint i = 0; i < 1_000; i++)
                table.Learn(new(0x0B00_0000 + i), s_other, _modest, s_now, create: true);
            Assert.Equal([s_mac, s_mac, default, default, s_mac],
                ((uint[])[0, 1, 100, 1_000, 1_200]).Select(i => table.MacOf(new(0x0A00_0000 + i))));
        }
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
                after.Read(new(image.AsMemory(0, random.Next(image.Length + 1))), _ => null, _station, s_now);
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
        table.Read(new(image), _ => null, _station, s_now);
        return table;
    }
}
