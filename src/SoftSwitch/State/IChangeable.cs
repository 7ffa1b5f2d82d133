using SoftSwitch.Model;
using SoftSwitch.State.Changes;

namespace SoftSwitch.State;

/// <summary>What can become what a model says.</summary>
internal interface IChangeable
{
    /// <summary>What runs.</summary>
    SwitchModel Model { get; }

    /// <inheritdoc cref="RunningSwitch.Apply(SwitchModel)"/>
    ModelDifference Apply(SwitchModel model);

    /// <inheritdoc cref="RunningSwitch.Compare"/>
    (ModelDifference Difference, IReadOnlyList<string> Obstacles) Compare(SwitchModel model);
}
