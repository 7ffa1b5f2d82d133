using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State.Ports;

/// <summary>The forwarding threads of a running switch. Used by the control loop alone.</summary>
/// <param name="failed">Called on a worker's thread when a port can't go on.</param>
/// <param name="broken">Called on a worker's thread with what should not have happened and is no port's: the worker goes on.</param>
internal sealed class SwitchWorkers(Action<DevicePort, string> failed, Action<Exception> broken) : IDisposable
{
    private const int TicksBetweenTrims = 10;

    private readonly List<Worker> _workers = [];
    private readonly List<AwaitedProcessor> _awaited = [];
    private int _ticks;

    public int Count => _workers.Count;

    /// <summary>The one that ticks stations: they are asked by one worker at a time.</summary>
    public Worker First => _workers[0];

    /// <summary>The one that receives from the fewest ports.</summary>
    public Worker LeastBusy => _workers.MinBy(worker => worker.PortCount)!;

    /// <param name="model">How many there are, and where.</param>
    /// <param name="patient">A worker whose processor isn't there runs on any until it is, which is told here; null: that is an
    /// obstacle.</param>
    /// <exception cref="StartRefusedException">There is no such processor, or it may not be used.</exception>
    public void Start(SwitchModel model, ISwitchLog? patient = null)
    {
        for (var number = 0; number < model.Workers; number++)
        {
            int? cpu = model.Cpus.Count > number ? model.Cpus[number] : null;
            try
            {
                _workers.Add(New(cpu));
            }
            catch (SystemCallException e) when (patient is not null && cpu is not null && !e.IsForWantOfRights)
            {
                _workers.Add(New(null));
                _awaited.Add(new(_workers[^1], number, cpu.Value, patient));
                _awaited[^1].Tell(e);
            }
            catch (SystemCallException e)
            {
                throw new StartRefusedException($"cpus: {e.Message}");
            }

            Worker New(int? cpu) => new(new(number, cpu, model.Poll == PollMode.Always), failed, broken);
        }
    }

    /// <summary>About once a second. Memory that was needed for a moment is given back after ten or twenty.</summary>
    public void Tick(long now)
    {
        _awaited.RemoveAll(one => one.IsThere);
        _awaited.ForEach(one => one.Try(now));
        if (++_ticks % TicksBetweenTrims == 0)
            _workers.ForEach(worker => worker.Trim());
    }

    /// <summary>Returns when every worker has ended the turn it was in.</summary>
    public void Settle()
    {
        foreach (var worker in _workers)
            worker.PostAndWait(static () => { });
    }

    /// <summary>Stops them, each after its turn.</summary>
    public void Dispose()
    {
        foreach (var worker in _workers)
            worker.Dispose();
    }
}
