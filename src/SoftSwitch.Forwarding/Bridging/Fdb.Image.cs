using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <content>The stations that were heard, for the program that goes on: at which port, by its name, and how long ago. Those that are static
/// are set anew.</content>
public sealed partial class Fdb
{
    private readonly record struct StationImage(ulong Mac, uint Age, ushort Slot);

    /// <summary>Writes them.</summary>
    /// <param name="nameOf">What the port behind a slot is called; null: nobody knows.</param>
    /// <returns>How many.</returns>
    public int Write(ImageWriter image, Func<ushort, string?> nameOf, Instant now)
    {
        var all = new List<FdbEntry>();
        CopyTo(all, now);
        FdbEntry[] heard = [.. all.Where(entry => !entry.IsStatic)];
        (ushort Slot, string Name)[] ports = [.. heard.Select(entry => entry.Slot).Distinct().Select(slot => (slot, nameOf(slot)))
            .Where(one => one.Item2 is not null)!];
        image.Write(ports.Length);
        foreach (var (slot, name) in ports)
        {
            image.Write(slot);
            image.Write(name);
        }
        image.Write(heard.Length);
        foreach (var entry in heard)
            image.Write(new StationImage(entry.Mac.Value, entry.AgeSeconds, entry.Slot));
        return heard.Length;
    }

    /// <summary>Learns what was written, as if it had been heard here.</summary>
    /// <param name="slotOf">The slot of a port here; 0: it is gone.</param>
    /// <exception cref="InvalidDataException">It isn't whole. What was read counts.</exception>
    public void Read(ImageReader image, Func<string, ushort> slotOf, Instant now)
    {
        var slots = new Dictionary<ushort, ushort>();
        for (var left = image.ReadCount(sizeof(ushort) + sizeof(int)); left > 0; left--)
        {
            var slot = image.Read<ushort>();
            slots[slot] = slotOf(image.ReadText());
        }
        for (var left = image.ReadCount(sizeof(ulong)); left > 0; left--)
        {
            var (mac, age, slot) = image.Read<StationImage>();
            var heard = now.Milliseconds - long.Min(age, now.Seconds) * 1000L;
            if (slots.GetValueOrDefault(slot) is not 0 and var here && mac is > 0 and < 1UL << 48)
                Learn(mac, here, new(heard));
        }
    }
}
