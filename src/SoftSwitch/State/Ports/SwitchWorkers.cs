using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Model;

namespace SoftSwitch.State.Ports;

/// <summary>The forwarding threads of a running switch. Used by the control loop alone.</summary>
/// <param name="failed">Called on a worker's thread when a port can't go on.</param>
/// <param name="broken">Called on a worker's thread with what should not have happened and is no port's: the worker goes on.</param>
internal sealed class SwitchWorkers(Action<DevicePort, string> failed, Action<Exception> broken) : IDisposable
{
    private readonly List<Worker> _workers = [];

    public int Count => _workers.Count;

    /// <summary>The one that ticks stations: they are asked by one worker at a time.</summary>
    public Worker First => _workers[0];

    /// <summary>The one that receives from the fewest ports.</summary>
    public Worker LeastBusy => _workers.MinBy(worker => worker.PortCount)!;

    /// <exception cref="StartRefusedException">There is no such processor.</exception>
    public void Start(SwitchModel model)
    {
        for (var number = 0; number < model.Workers; number++)
        {
            int? cpu = model.Cpus.Count > number ? model.Cpus[number] : null;
            try
            {
                _workers.Add(new(new(number, cpu, model.Poll == PollMode.Always), failed, broken));
            }
            catch (SystemCallException e)
            {
                throw new StartRefusedException($"cpus: {e.Message}");
            }
        }
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
