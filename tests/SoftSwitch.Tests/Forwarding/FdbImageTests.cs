using CsCheck;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Time;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Stations are where they were for the program that goes on, and age as if nothing had been.</summary>
public sealed class FdbImageTests
{
    private static readonly Instant s_now = new(1_000_000);

    [Fact]
    public void A_station_is_behind_the_port_of_that_name_and_as_old_as_before()
    {
        using var rig = new Rig(ports: 4);
        var before = rig.Bridge().Fdb;
        before.Learn(Mac(1), 1, new(s_now.Milliseconds - 200_000));
        before.Learn(Mac(2), 2, s_now);
        before.Learn(Mac(3), 3, s_now);
        using var other = new Rig(ports: 4);
        var after = other.Bridge().Fdb;
        Read(after, Write(before));
        // Port 2 is behind another slot there, and port 3 is gone.
        Assert.Equal((1, 4, 0), (after.Lookup(Mac(1), s_now), after.Lookup(Mac(2), s_now), after.Lookup(Mac(3), s_now)));
        var later = new Instant(s_now.Milliseconds + 101_000);
        Assert.Equal((0, 4), (after.Lookup(Mac(1), later), after.Lookup(Mac(2), later)));
    }

    [Fact]
    public void Bytes_that_make_no_sense_break_nothing() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            using var rig = new Rig(ports: 4);
            var before = rig.Bridge().Fdb;
            for (uint i = 1; i < 20; i++)
                before.Learn(Mac(i), (ushort)random.Next(1, 4), s_now);
            var image = Write(before);
            for (var changes = random.Next(1, 20); changes > 0; changes--)
                image[random.Next(image.Length)] = (byte)random.Next(256);
            using var other = new Rig(ports: 4);
            var after = other.Bridge().Fdb;
            try
            {
                Read(after, image[..random.Next(image.Length + 1)]);
            }
            catch (InvalidDataException)
            {
                // That is said.
            }
            // Whatever was read is forgotten when it is old.
            var later = new Instant(s_now.Milliseconds + 400_000);
            var left = new List<FdbEntry>();
            after.CopyTo(left, later);
            Assert.DoesNotContain(left, entry => !entry.IsStatic);
        },
        iter: 500);

    private static byte[] Write(Fdb fdb)
    {
        var image = new ImageWriter();
        fdb.Write(image, static slot => $"port{slot}", s_now);
        return image.Bytes.ToArray();
    }

    private static void Read(Fdb fdb, byte[] image) => fdb.Read(
        new(image), static name => name switch { "port1" => 1, "port2" => 4, _ => 0 }, s_now);
}
