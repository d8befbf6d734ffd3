/**
 * Field numbers of the types that clients send as protobuf: what `kubectl create SOMETHING` makes by itself and what
 * typed clients commonly write. Names and shapes come from the TypeSchemas.
 */

type Numbers = { readonly [field: string]: number };

function numbered(text: string): Numbers {
  return Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .map((item) => {
        const [name = '', number = ''] = item.split(':');
        return [name, Number(number)];
      }),
  );
}

const binding = 'metadata:1 subjects:2 roleRef:3';
const review = 'metadata:1 spec:2 status:3';

/** By the name of the type, e.g. `core/v1.Secret`. */
export const fieldNumbers: { readonly [type: string]: Numbers | undefined } = Object.fromEntries(
  Object.entries({
    'meta/v1.ObjectMeta':
      'name:1 generateName:2 namespace:3 selfLink:4 uid:5 resourceVersion:6 generation:7 creationTimestamp:8 ' +
      'deletionTimestamp:9 deletionGracePeriodSeconds:10 labels:11 annotations:12 ownerReferences:13 finalizers:14',
    'meta/v1.OwnerReference': 'kind:1 name:3 uid:4 apiVersion:5 controller:6 blockOwnerDeletion:7',
    'meta/v1.LabelSelector': 'matchLabels:1 matchExpressions:2',
    'meta/v1.LabelSelectorRequirement': 'key:1 operator:2 values:3',
    'meta/v1.DeleteOptions': 'gracePeriodSeconds:1 preconditions:2 orphanDependents:3 propagationPolicy:4 dryRun:5',
    'meta/v1.Preconditions': 'uid:1 resourceVersion:2',
    'core/v1.ConfigMap': 'metadata:1 data:2 binaryData:3 immutable:4',
    'core/v1.Secret': 'metadata:1 data:2 type:3 stringData:4 immutable:5',
    'core/v1.Namespace': 'metadata:1 spec:2 status:3',
    'core/v1.NamespaceSpec': 'finalizers:1',
    'core/v1.NamespaceStatus': 'phase:1',
    'core/v1.ServiceAccount': 'metadata:1 secrets:2 imagePullSecrets:3 automountServiceAccountToken:4',
    'core/v1.ObjectReference': 'kind:1 namespace:2 name:3 uid:4 apiVersion:5 resourceVersion:6 fieldPath:7',
    'core/v1.LocalObjectReference': 'name:1',
    'core/v1.Service': 'metadata:1 spec:2',
    'core/v1.ServiceSpec':
      'ports:1 selector:2 clusterIP:3 type:4 externalIPs:5 sessionAffinity:7 loadBalancerIP:8 externalName:10 ' +
      'externalTrafficPolicy:11 publishNotReadyAddresses:13 clusterIPs:18',
    'core/v1.ServicePort': 'name:1 protocol:2 port:3 targetPort:4 nodePort:5 appProtocol:6',
    'core/v1.ResourceQuota': 'metadata:1 spec:2',
    'core/v1.ResourceQuotaSpec': 'hard:1 scopes:2',
    'core/v1.PodTemplateSpec': 'metadata:1 spec:2',
    'core/v1.PodSpec':
      'volumes:1 containers:2 restartPolicy:3 terminationGracePeriodSeconds:4 activeDeadlineSeconds:5 dnsPolicy:6 ' +
      'nodeSelector:7 serviceAccountName:8 serviceAccount:9 nodeName:10 hostNetwork:11 securityContext:14 hostname:16 ' +
      'subdomain:17 schedulerName:19 initContainers:20 automountServiceAccountToken:21',
    'core/v1.PodSecurityContext': '_:1000',
    'core/v1.Container':
      'name:1 image:2 command:3 args:4 workingDir:5 ports:6 env:7 resources:8 terminationMessagePath:13 ' +
      'imagePullPolicy:14 stdin:16 stdinOnce:17 tty:18 terminationMessagePolicy:20',
    'core/v1.ContainerPort': 'name:1 hostPort:2 containerPort:3 protocol:4 hostIP:5',
    'core/v1.EnvVar': 'name:1 value:2',
    'core/v1.ResourceRequirements': 'limits:1 requests:2',
    'apps/v1.Deployment': 'metadata:1 spec:2',
    'apps/v1.DeploymentSpec':
      'replicas:1 selector:2 template:3 strategy:4 minReadySeconds:5 revisionHistoryLimit:6 paused:7 ' +
      'progressDeadlineSeconds:9',
    'apps/v1.DeploymentStrategy': 'type:1 rollingUpdate:2',
    'apps/v1.RollingUpdateDeployment': 'maxUnavailable:1 maxSurge:2',
    'autoscaling/v1.Scale': 'metadata:1 spec:2 status:3',
    'autoscaling/v1.ScaleSpec': 'replicas:1',
    'autoscaling/v1.ScaleStatus': 'replicas:1 selector:2',
    'batch/v1.Job': 'metadata:1 spec:2',
    'batch/v1.JobSpec':
      'parallelism:1 completions:2 activeDeadlineSeconds:3 selector:4 manualSelector:5 template:6 backoffLimit:7 ' +
      'ttlSecondsAfterFinished:8 completionMode:9 suspend:10',
    'batch/v1.CronJob': 'metadata:1 spec:2',
    'batch/v1.CronJobSpec':
      'schedule:1 startingDeadlineSeconds:2 concurrencyPolicy:3 suspend:4 jobTemplate:5 ' +
      'successfulJobsHistoryLimit:6 failedJobsHistoryLimit:7 timeZone:8',
    'batch/v1.JobTemplateSpec': 'metadata:1 spec:2',
    'policy/v1.Eviction': 'metadata:1 deleteOptions:2',
    'policy/v1.PodDisruptionBudget': 'metadata:1 spec:2',
    'policy/v1.PodDisruptionBudgetSpec': 'minAvailable:1 selector:2 maxUnavailable:3 unhealthyPodEvictionPolicy:4',
    'scheduling/v1.PriorityClass': 'metadata:1 value:2 globalDefault:3 description:4 preemptionPolicy:5',
    'rbac/v1.Role': 'metadata:1 rules:2',
    'rbac/v1.ClusterRole': 'metadata:1 rules:2 aggregationRule:3',
    'rbac/v1.AggregationRule': 'clusterRoleSelectors:1',
    'rbac/v1.PolicyRule': 'verbs:1 apiGroups:2 resources:3 resourceNames:4 nonResourceURLs:5',
    'rbac/v1.RoleBinding': binding,
    'rbac/v1.ClusterRoleBinding': binding,
    'rbac/v1.Subject': 'kind:1 apiGroup:2 name:3 namespace:4',
    'rbac/v1.RoleRef': 'apiGroup:1 kind:2 name:3',
    'coordination/v1.Lease': 'metadata:1 spec:2',
    'coordination/v1.LeaseSpec': 'holderIdentity:1 leaseDurationSeconds:2 acquireTime:3 renewTime:4 leaseTransitions:5',
    'authentication/v1.TokenRequest': review,
    'authentication/v1.TokenRequestSpec': 'audiences:1 boundObjectRef:3 expirationSeconds:4',
    'authentication/v1.BoundObjectReference': 'kind:1 apiVersion:2 name:3 uid:4',
    'authentication/v1.TokenRequestStatus': 'token:1 expirationTimestamp:2',
    'authentication/v1.SelfSubjectReview': 'metadata:1 status:2',
    'authentication/v1.TokenReview': review,
    'authentication/v1.TokenReviewSpec': 'token:1 audiences:2',
    'authorization/v1.SelfSubjectAccessReview': review,
    'authorization/v1.SelfSubjectAccessReviewSpec': 'resourceAttributes:1 nonResourceAttributes:2',
    'authorization/v1.SubjectAccessReview': review,
    'authorization/v1.SubjectAccessReviewSpec': 'resourceAttributes:1 nonResourceAttributes:2 user:3 groups:4 uid:6',
    'authorization/v1.LocalSubjectAccessReview': review,
    'authorization/v1.ResourceAttributes': 'namespace:1 verb:2 group:3 version:4 resource:5 subresource:6 name:7',
    'authorization/v1.NonResourceAttributes': 'path:1 verb:2',
    'authorization/v1.SelfSubjectRulesReview': review,
    'authorization/v1.SelfSubjectRulesReviewSpec': 'namespace:1',
  }).map(([type, text]) => [type, numbered(text)]),
);
