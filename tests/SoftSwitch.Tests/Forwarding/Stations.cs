using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Addresses and small frames for tests.</summary>
internal static class Stations
{
    public const ulong Broadcast = 0xFFFF_FFFF_FFFF;
    public const ulong Multicast = 0x0100_5E00_0001;

    /// <summary>The address of station number <paramref name="number"/>.</summary>
    public static ulong Mac(uint number) => 0x0200_0000_0000UL | number;

    /// <summary>A frame of an experimental type (IEEE 802, 9.2.4) with a number in it.</summary>
    /// <param name="length">Bytes in all.</param>
    public static byte[] Frame(ulong destination, ulong source, int number = 0, int length = 64, ushort type = 0x88B5, byte fill = 0x5A)
    {
        var frame = new byte[int.Max(length, 18)];
        frame.AsSpan().Fill(fill);
        new MacAddress(destination).Write(frame);
        new MacAddress(source).Write(frame.AsSpan(6));
        frame[12] = (byte)(type >> 8);
        frame[13] = (byte)type;
        BitConverter.TryWriteBytes(frame.AsSpan(14), number);
        return frame[..length];
    }

    /// <summary>The number in a frame.</summary>
    public static int NumberOf(ReceivedFrame frame) => BitConverter.ToInt32(frame.Bytes, 14);
}
