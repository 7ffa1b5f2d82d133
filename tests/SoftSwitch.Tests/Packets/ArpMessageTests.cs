using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Packets;

public sealed class ArpMessageTests
{
    /// <summary>Who has 10.0.0.1? Tell 10.0.0.5, as tcpdump prints it.</summary>
    private static readonly byte[] Request =
        Convert.FromHexString("0001080006040001525400000005" + "0A000005" + "000000000000" + "0A000001");

    [Fact]
    public void A_message_is_read_and_written_as_RFC_826_has_it()
    {
        Assert.True(ArpMessage.TryRead([.. Request, 0, 0, 0], out var message));
        Assert.Equal(new(ArpMessage.Request, MacAddress.Parse("52:54:00:00:00:05"), Ipv4Address.Parse("10.0.0.5"), default,
            Ipv4Address.Parse("10.0.0.1")), message);
        var written = new byte[ArpMessage.Size];
        message.Write(written);
        Assert.Equal(Request, written);
    }

    [Fact]
    public void A_message_with_the_hardware_type_of_all_IEEE_802_networks_is_taken_for_Ethernets()
    {
        byte[] message = [.. Request];
        message[1] = 6;
        Assert.True(ArpMessage.TryRead(message, out var read));
        Assert.Equal(Ipv4Address.Parse("10.0.0.5"), read.SenderAddress);
    }

    [Theory]
    [InlineData(1, 7)] // Another network than Ethernet.
    [InlineData(2, 0x86)] // Another protocol than IPv4.
    [InlineData(4, 8)]
    [InlineData(5, 16)]
    public void Other_messages_are_refused(int at, byte value)
    {
        byte[] message = [.. Request];
        message[at] = value;
        Assert.False(ArpMessage.TryRead(message, out _));
        Assert.False(ArpMessage.TryRead(Request.AsSpan(0, 27), out _));
    }
}
