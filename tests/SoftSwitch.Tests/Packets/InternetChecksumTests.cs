using CsCheck;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Packets;

public sealed class InternetChecksumTests
{
    [Fact]
    public void Any_bytes_in_any_pieces_have_the_checksum_of_RFC_1071()
    {
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[0, 3000].Array[0, 6]).Sample((bytes, cuts) =>
        {
            var checksum = new InternetChecksum();
            var from = 0;
            foreach (var cut in cuts.Where(cut => cut < bytes.Length).Append(bytes.Length).Order())
            {
                checksum.Add(bytes.AsSpan(from..cut));
                from = cut;
            }
            Assert.Equal(Naive(bytes), checksum.Value);
            Assert.Equal(Naive(bytes), InternetChecksum.Of(bytes));
        }, iter: 5000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65_535)]
    [InlineData(3 * 1024 * 1024 + 17)]
    public void The_largest_sums_do_not_overflow(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(0xFF);
        Assert.Equal(Naive(bytes), InternetChecksum.Of(bytes));
    }

    [Fact]
    public void Data_that_carries_its_checksum_sums_to_zero() =>
        Gen.Byte.Array[2, 200].Where(bytes => bytes.Length % 2 == 0).Sample(bytes =>
        {
            (bytes[0], bytes[1]) = (0, 0);
            var value = InternetChecksum.Of(bytes);
            (bytes[0], bytes[1]) = ((byte)(value >> 8), (byte)value);
            Assert.Equal(0, InternetChecksum.Of(bytes));
        });

    [Fact]
    public void A_number_adds_as_its_two_octets_on_the_wire() => Gen.Select(Gen.UShort, Gen.Byte.Array[0, 9]).Sample((number, bytes) =>
    {
        var checksum = new InternetChecksum();
        checksum.Add(number);
        checksum.Add(bytes);
        Assert.Equal(Naive([(byte)(number >> 8), (byte)number, .. bytes]), checksum.Value);
    });

    [Fact]
    public void The_example_of_RFC_1071_comes_out() =>
        Assert.Equal(0xDDF2, (ushort)~InternetChecksum.Of([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]));

    private static ushort Naive(byte[] bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            sum += i % 2 == 0 ? (uint)bytes[i] << 8 : bytes[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return (ushort)~sum;
    }
}
