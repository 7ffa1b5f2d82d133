using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// Where in the list of what a turn has sent each port has its delivery of what one station said out of one burst: a flood to all ports
/// finds each at once, however many there are. An entry counts only in the turn that wrote it, so nothing is cleared.
/// </summary>
internal sealed class SentPlaces
{
    private (long Turn, int At)[] _bySlot = [];

    public InnerPort? Station { get; private set; }

    public Burst? Source { get; private set; }

    public void Begin(InnerPort station, Burst source) => (Station, Source) = (station, source);

    /// <summary>Adds frames to a port's delivery, a new one if need be.</summary>
    /// <param name="turn">The turn's number, never 0.</param>
    public void Add(List<Delivery> sent, Port output, int slot, ulong frames, long turn)
    {
        if (slot >= _bySlot.Length)
            Array.Resize(ref _bySlot, int.Max(slot + 1, 2 * _bySlot.Length));
        ref var place = ref _bySlot[slot];
        // A slot may have been given to another port in the middle of the turn.
        if (place.Turn == turn && sent[place.At] is var delivery && delivery.Output == output)
        {
            sent[place.At] = delivery with { Frames = delivery.Frames | frames };
            return;
        }
        place = (turn, sent.Count);
        sent.Add(new(output, frames, Source!));
    }
}
