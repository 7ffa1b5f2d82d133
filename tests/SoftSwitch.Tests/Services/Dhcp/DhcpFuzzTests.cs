using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>Clients that say anything, in any order.</summary>
public sealed class DhcpFuzzTests
{
    private const int Share = 20, Addresses = 64;

    [Fact]
    public void Whatever_is_said_no_address_has_two_clients_and_no_port_more_than_its_share()
    {
        var random = new Random(2131);
        using var net = new DhcpRig("10.10.0.64", "10.10.0.127", Share, scope => scope with
        {
            ByMac = new() { [DhcpRig.Mac(1)] = new(Ipv4Address.Parse("10.10.0.70"), default) },
            ByClient = new(DhcpClient.Comparer) { [DhcpRig.Client(2)] = new(Ipv4Address.Parse("10.10.0.9"), default) },
        });
        var answers = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var port = random.Next(4);
            var client = random.Next(4) == 0 ? random.Next(4) : random.Next(200);
            var message = Message(random, client);
            net.Carry(port, 400 + 4 * client + port, message);
            answers += net.Rig.Received(port).Count(frame => frame.Bytes.Length > 300 && frame.Bytes[35] == DhcpHeader.ServerPort);
            if (i % 50 == 0)
                net.Later(random.Next(30) == 0 ? 4000 : 1);
            if (i % 500 == 0)
                Check(net);
        }
        Check(net);
        Assert.InRange(answers, 2_000, 20_000);
    }

    private static byte[] Message(Random random, int client)
    {
        var bytes = new byte[DhcpHeader.MinimumSize + random.Next(100)];
        var writer = new DhcpWriter(bytes, DhcpHeader.Request, random.Next(5) == 0);
        // Two clients behind two ports may say the same address.
        DhcpRig.Mac(client).Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)(random.Next(3) == 0 ? random.Next(1, 9) : random.Next(2) * 2 + 1));
        var address = new Ipv4Address(0x0A0A_0000 + (uint)random.Next(60, 135));
        if (random.Next(2) == 0)
            writer.TryAdd(DhcpOption.RequestedAddress, address);
        else if (random.Next(2) == 0)
            address.Write(writer.Header[DhcpHeader.ClientAddressOffset..]);
        if (random.Next(2) == 0)
            writer.TryAdd(DhcpOption.ServerIdentifier, Ipv4Address.Parse(random.Next(5) == 0 ? "10.10.0.2" : DhcpRig.Server));
        if (random.Next(5) == 0)
            writer.TryAdd(DhcpOption.ClientIdentifier, new byte[random.Next(5)]);
        if (random.Next(5) == 0)
            writer.TryAdd(DhcpOption.RapidCommit, []);
        if (random.Next(5) == 0)
            writer.TryAdd(DhcpOption.LeaseTime, (uint)random.Next(0, 7200));
        if (random.Next(5) == 0)
            writer.TryAdd(DhcpOption.MaximumMessageSize, (ushort)random.Next(65_536));
        if (random.Next(5) == 0)
            writer.TryAdd(DhcpOption.RelayAgentInformation, new byte[random.Next(60)]);
        var length = writer.Finish();
        for (var changes = int.Max(0, random.Next(12) - 8); changes > 0; changes--)
            bytes[random.Next(length)] = (byte)random.Next(256);
        return random.Next(20) == 0 ? bytes[..random.Next(length)] : bytes[..length];
    }

    private static void Check(DhcpRig net)
    {
        var leases = new List<LeaseRecord>();
        net.Leases.CopyTo(leases);
        Assert.Distinct(leases.Select(lease => lease.Address));
        Assert.Distinct(leases.Where(lease => lease.State != LeaseState.Conflicting).Select(lease => (lease.Port, lease.Client)));
        var dynamic = leases.Where(lease => lease.Address.ToString() is not ("10.10.0.70" or "10.10.0.9")).ToList();
        Assert.All(dynamic.GroupBy(lease => lease.Port), port => Assert.InRange(port.Count(), 1, Share));
        Assert.All(dynamic, lease => Assert.InRange(lease.Address.Value, 0x0A0A_0040U, 0x0A0A_0040U + Addresses - 1));
    }
}
