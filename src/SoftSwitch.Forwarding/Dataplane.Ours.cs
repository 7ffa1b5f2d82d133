using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding;

/// <summary>Step 6, and back to 5 with what stations of ours say.</summary>
public sealed partial class Dataplane
{
    /// <param name="burst">The turn's.</param>
    /// <param name="view">Where its frames are.</param>
    /// <param name="sayer">Who says them; null: a port brings them.</param>
    private void Ours(Burst burst, BridgeView view, InnerPort? sayer)
    {
        foreach (var inner in view.Inner)
        {
            if (inner == sayer)
                continue;
            var own = _outputs.Take(inner.Membership!, out var heard);
            if ((own | heard).IsEmpty)
                continue;
            ref var counters = ref inner.Counters(worker);
            inner.Handle(_turn, own, heard);
            foreach (var i in own | heard)
            {
                ref var frame = ref burst[i];
                if (frame.Drop != DropReason.None)
                    continue;
                counters.OutFrames++;
                counters.OutBytes += frame.Length;
            }
        }
    }

    /// <summary>Steps 5 and 7 for what stations of ours have said.</summary>
    private void DeliverSaid()
    {
        while (_turn.TryTakeSaid(out var said))
        {
            var (station, source, frames, only, payer) = said;
            if (station.Membership is not { Bridge.View: var view } from || !view.Has(from) || (only is not null && !view.Has(only)))
                Refuse(source, frames);
            else if (only is not null)
                _outputs.Deliver(source, frames, from, only);
            else
            {
                _outputs.Decide(source, frames, from, payer, view, _turn.Now);
                if (view.Inner.Length > 1 && from.Group != Membership.Ours)
                    Ours(said, view);
                _outputs.Deliver(source, from, view);
            }
            Count(source, frames, ref station.Counters(worker));
        }
    }

    /// <summary>Step 6 for what one station of ours says to others on its link.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Ours(in Said said, BridgeView view)
    {
        foreach (var i in said.Frames)
            said.Source[i].Source = said.Station.Mac.Value;
        var before = _turn.GoOnWith(said);
        Ours(said.Source, view, said.Station);
        _turn.GoBack(before);
    }
}
