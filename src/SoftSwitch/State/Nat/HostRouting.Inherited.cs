using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <content>What goes on over a planned restart: where packets went. By which way, the kernel is asked again, for that may be another by
/// now; but before they go on, for what comes from then on is more than may wait for an answer.</content>
internal sealed partial class HostRouting
{
    /// <summary>Asked for while nothing is forwarded: some milliseconds.</summary>
    private const int MostLeft = 256;

    /// <summary>Writes the destinations, and by which port packets to them came.</summary>
    public void Write(ImageWriter image)
    {
        var known = Routes.Known(Now, MostLeft);
        image.Write(known.Count);
        foreach (var (destination, by) in known)
        {
            image.Write(destination.Value);
            image.Write(by.Name);
        }
    }

    /// <summary>Asks for those that were written.</summary>
    /// <param name="portOf">The port of a name.</param>
    /// <exception cref="InvalidDataException">It isn't whole; nobody was asked.</exception>
    public void Read(ImageReader image, Func<string, Port> portOf)
    {
        var left = new List<(Ipv4Address Destination, Port By)>();
        for (var count = int.Min(image.ReadCount(2 * sizeof(int)), MostLeft); count > 0; count--)
            left.Add((new(image.Read<uint>()), portOf(image.ReadText())));
        _loop.Invoke(() =>
        {
            // What the start itself has changed is no news after that.
            _first.Clear();
            _first.AddRange(left.Take(MostFirst));
            Hear();
            foreach (var (destination, by) in left)
            {
                if (!Routes.Contains(destination, Now))
                    Ask(destination, by, null);
            }
        });
    }
}
