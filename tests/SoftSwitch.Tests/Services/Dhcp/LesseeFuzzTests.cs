using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>Servers that answer anything, at any time.</summary>
public sealed class LesseeFuzzTests
{
    private static readonly string[] s_addresses =
        ["192.0.2.77", "192.0.2.78", "192.0.2.0", "10.0.0.9", "0.0.0.0", "224.0.0.1", "127.0.0.1"];

    private static readonly string?[] s_masks = ["255.255.255.0", "255.0.0.0", "255.255.255.254", "0.0.0.0", "255.0.255.0", null];

    [Theory]
    [InlineData(2131)]
    [InlineData(5227)]
    public void Whatever_is_answered_what_is_used_is_an_address_in_its_subnet_for_its_time(int seed)
    {
        var random = new Random(seed);
        var net = new LesseeRig(seed);
        net.Lessee.Begin(net.Now, null, isLent: false);
        var (leases, states) = (0, new HashSet<LesseeState>());
        for (var i = 0; i < 60_000; i++)
        {
            net.Heard();
            var frame = Frame(net, random);
            net.Lessee.Take(frame, isSummed: random.Next(10) > 0, net.Now);
            states.Add(net.Lessee.State);
            Check(net);
            if (net.Lessee.State == LesseeState.Checking && random.Next(2) == 0)
            {
                leases++;
                if (random.Next(4) == 0)
                    net.Lessee.Decline(net.Now);
                else
                    net.Lessee.Accept();
            }
            if (random.Next(500) == 0)
                net.Lessee.LinkIsBack(net.Now);
            if (random.Next(2_000) == 0)
                net.Lessee.Begin(net.Now, Ipv4Address.Parse("192.0.2.77"), isLent: random.Next(2) == 0);
            net.Now += TimeSpan.FromMilliseconds(random.Next(random.Next(200) == 0 ? 600_000 : 1_000));
            net.Lessee.Tick(net.Now);
            states.Add(net.Lessee.State);
            Check(net);
            // It says a few words to each answer and each tick, whatever comes.
            Assert.InRange(net.Heard().Split(',').Length, 0, 3);
        }
        Assert.InRange(leases, 50, 60_000);
        Assert.Equal(Enum.GetValues<LesseeState>().Order(), states.Order());
    }

    private static byte[] Frame(LesseeRig net, Random random)
    {
        var type = (DhcpMessageType)(random.Next(8) == 0 ? random.Next(1, 9) : random.Next(3) == 0 ? 6 : random.Next(2) == 0 ? 2 : 5);
        var frame = net.Frame(type, s_addresses[random.Next(2) == 0 ? 0 : random.Next(s_addresses.Length)],
            random.Next(3) == 0 ? LesseeRig.Other : LesseeRig.Server, random.Next(20) == 0 ? null : (uint)random.Next(5, 900),
            random.Next(4) == 0 ? s_addresses[random.Next(s_addresses.Length)] : null,
            s_masks[random.Next(3) > 0 ? 0 : random.Next(s_masks.Length)], random.Next(10) == 0 ? 7 : null, null,
            random.Next(3) == 0 ? [((byte)random.Next(1, 255), new byte[random.Next(40)])] : []);
        for (var changes = int.Max(0, random.Next(12) - 8); changes > 0; changes--)
            frame[random.Next(frame.Length)] = (byte)random.Next(256);
        return random.Next(20) == 0 ? frame[..random.Next(frame.Length)] : frame;
    }

    private static void Check(LesseeRig net)
    {
        var lessee = net.Lessee;
        Assert.Equal(lessee.State is LesseeState.Bound or LesseeState.Renewing or LesseeState.Rebinding, lessee.Lease is not null);
        Assert.Equal(lessee.State == LesseeState.Checking, lessee.Candidate is not null);
        if ((lessee.Lease ?? lessee.Candidate) is not { } lent)
            return;
        Assert.InRange(lent.PrefixLength, 1, 30);
        Assert.True(lent.Address.IsUnicast && lent.Address != lent.Subnet.Address && lent.Address != lent.Subnet.Broadcast);
        Assert.True(lent.Router is not { } router || (lent.Subnet.Contains(router) && router != lent.Address));
        Assert.True(lent.Renew.Milliseconds <= lent.Rebind.Milliseconds && lent.Rebind.Milliseconds <= lent.Until.Milliseconds);
        Assert.True(lent.Server.IsUnicast);
    }
}
