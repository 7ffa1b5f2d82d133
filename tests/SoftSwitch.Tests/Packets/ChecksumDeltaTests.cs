using System.Buffers.Binary;
using CsCheck;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Packets;

public sealed class ChecksumDeltaTests
{
    [Fact]
    public void A_checksum_by_difference_is_as_right_as_one_made_anew() => Gen.Select(Gen.Byte.Array[12, 60], Gen.UInt, Gen.UShort).Sample(
        (bytes, address, port) =>
        {
            byte[] data = bytes.Length % 2 == 0 ? bytes : [.. bytes, 0];
            (data[0], data[1]) = (0, 0);
            BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)~Wire.Sum(data));
            var delta = ChecksumDelta.Of(Ipv4Address.Read(data.AsSpan(4)), new(address))
                + ChecksumDelta.Of(BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(8)), port);
            byte[] before = [.. data];
            new Ipv4Address(address).Write(data.AsSpan(4));
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(8), port);
            delta.ApplyTo(data);
            Assert.Equal(0xFFFF, Wire.Sum(data) == 0 ? 0xFFFF : Wire.Sum(data));

            before.AsSpan(2).CopyTo(data.AsSpan(2));
            delta.Reverse.ApplyTo(data);
            Assert.Equal(0, Wire.Sum(data) % 0xFFFF);
        });

    /// <summary>RFC 1624, section 4: the example that equation 2 gets wrong.</summary>
    [Fact]
    public void The_RFCs_example_comes_out_right() => Assert.Equal(0x0000, ChecksumDelta.Of(0x5555, 0x3285).Apply(0xDD2F));

    [Fact]
    public void A_UDP_checksum_of_zero_stays_and_none_becomes_zero()
    {
        byte[] field = [0, 0];
        ChecksumDelta.Of(0x5555, 0x3285).ApplyToUdp(field);
        Assert.Equal([0, 0], field);
        field = [0xDD, 0x2F];
        ChecksumDelta.Of(0x5555, 0x3285).ApplyToUdp(field);
        Assert.Equal([0xFF, 0xFF], field);
    }

    [Fact]
    public void A_partial_checksum_changes_as_the_sum_that_it_is()
    {
        byte[] pseudo = [10, 0, 0, 5, 192, 0, 2, 7, 0, 17, 0, 40], field = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(field, Wire.Sum(pseudo));
        ChecksumDelta.Of(new Ipv4Address(0x0A000005), new Ipv4Address(0xCB007101)).AddTo(field);
        Assert.Equal(Wire.Sum([203, 0, 113, 1, .. pseudo[4..]]), BinaryPrimitives.ReadUInt16BigEndian(field));
    }
}
